import type { KFigures } from '../../analysis/choosing-k/choose-k.ts';
import type { KProposal } from '../../analysis/choosing-k/propose-k.ts';
import { SegtagError } from '../../errors.ts';
import { formatDay } from '../../frame/day.ts';
import { check } from '../stages/check.ts';
import type { ReadContext } from '../context.ts';
import { extract } from '../stages/extract.ts';
import { finiteOrNull } from '../finite.ts';
import { codeTexts } from '../methods/clustering/code-texts.ts';
import { buildFeatures } from '../methods/clustering/features.ts';
import { tuneK, type KRange } from '../methods/clustering/settle-k.ts';
import { sampleInWarehouse, type WarehouseSample } from '../methods/clustering/warehouse/sample-in-warehouse.ts';
import { separateOutliers } from '../stages/outliers.ts';
import { withSource } from '../source/with-source.ts';

type FigureName =
  | 'inertia'
  | 'silhouette_sq'
  | 'silhouette'
  | 'calinski_harabasz'
  | 'davies_bouldin'
  | 'smallest_share'
  | 'gap'
  | 'gap_error'
  | 'stability';

/** What speaks for which number of clusters; the shape of `tune --json`. */
export type TuneSummary = {
  readonly schemaVersion: 1;
  readonly job: string;
  readonly as_of: string;
  readonly method: string;
  /** Customers in the fit. */
  readonly customers: number;
  /** Those that the figures are of: with `compute: warehouse` a sample, where they are many. */
  readonly weighed: number;
  readonly figures: readonly (Readonly<Record<FigureName, number | null>> & { readonly k: number })[];
  readonly knee: number | null;
  /** 1 says that the gap sees no clusters. */
  readonly gap_choice: number;
  readonly votes: KProposal['votes'];
  readonly current: number | 'auto';
  readonly proposed: number | null;
  readonly verdict: string;
  readonly warnings: readonly string[];
};

/** Reads and prepares the customers as a first night would, weighs each number of clusters, and writes nothing anywhere. */
export async function tuneJob(context: ReadContext, range: KRange): Promise<TuneSummary> {
  const { job } = context.loaded;
  const { segments } = job;
  if (!('k' in segments)) {
    throw new SegtagError('E_USAGE', {
      where: context.loaded.locate(['segments', 'method']),
      what: `${job.job} is segmented by ${segments.method}, which has no number of clusters to choose.`,
      remedy: 'Tune a job whose method is kmeans or hierarchical.',
    });
  }
  const { matrix, customers } =
    job.compute === 'warehouse' ? await sampled(context, segments.seed) : await prepared(context);
  const current = segments.k === 'auto' ? undefined : segments.k;
  const { evidence, proposal } = await tuneK(context, { segments, matrix, range, current });
  return {
    schemaVersion: 1,
    job: job.job,
    as_of: formatDay(context.asOf),
    method: segments.method,
    customers,
    weighed: matrix.rowCount,
    figures: evidence.figures.map(figuresOf),
    knee: evidence.knee ?? null,
    gap_choice: evidence.gapChoice,
    votes: proposal.votes,
    current: segments.k,
    proposed: proposal.proposed,
    verdict: proposal.verdict,
    warnings: proposal.warnings,
  };
}

async function prepared(context: ReadContext): Promise<WarehouseSample> {
  const { features } = context.loaded.job;
  const checked = check(context, await extract(context), []);
  const { separated } = codeTexts(separateOutliers(context, checked, undefined), features, undefined);
  const { matrix } = buildFeatures(context, separated, { features, path: ['features'] }, undefined);
  return { matrix, customers: matrix.rowCount };
}

async function sampled(context: ReadContext, seed: number): Promise<WarehouseSample> {
  const sample = await withSource(context, ({ session }) => sampleInWarehouse(context, session, seed));
  if (sample) return sample;
  throw new SegtagError('E_EMPTY_READ', {
    where: `sql/${context.loaded.job.job}/customers.sql`,
    what: 'The query returned no customers with an id.',
    remedy: `See the statement with \`segtag render ${context.loaded.job.job}\` and run it by hand.`,
  });
}

function figuresOf(at: KFigures): TuneSummary['figures'][number] {
  return {
    k: at.k,
    inertia: finiteOrNull(at.inertia),
    silhouette_sq: finiteOrNull(at.silhouetteSq),
    silhouette: finiteOrNull(at.silhouette),
    calinski_harabasz: finiteOrNull(at.calinskiHarabasz),
    davies_bouldin: finiteOrNull(at.daviesBouldin),
    smallest_share: finiteOrNull(at.smallestShare),
    gap: finiteOrNull(at.gap),
    gap_error: finiteOrNull(at.gapError),
    stability: finiteOrNull(at.stability),
  };
}
