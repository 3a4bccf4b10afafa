import { calinskiHarabaszOf, daviesBouldinOf } from '../../../../analysis/cluster-moments.ts';
import { refitIsDue } from '../../../../analysis/decide/refit.ts';
import { settleClusters, startOf } from '../../../../analysis/kmeans/fit.ts';
import type { CentroidModel, FeatureScale, Fence } from '../../../../analysis/model.ts';
import { pointsOf } from '../../../../analysis/cluster-moments.ts';
import { assignmentQuery } from '../../../../analysis/sql/compute/clusters.ts';
import { foundColumn, type FitRows } from '../../../../analysis/sql/compute/customer-rows.ts';
import { separationQuery } from '../../../../analysis/sql/compute/separation.ts';
import { formatDay, parseDay } from '../../../../frame/day.ts';
import type { KmeansSegments } from '../../../../job/schema.ts';
import { statementAround } from '../../../../warehouse/template/statement-around.ts';
import type { ReadContext } from '../../../context.ts';
import type { InWarehouse, SourceSession } from '../../../source/in-warehouse.ts';
import { finiteOrNull } from '../../../finite.ts';
import type { ClusterQuality } from '../cluster-quality.ts';
import { turn, type ClusterFit } from '../fit-clusters.ts';
import { settleK } from '../settle-k.ts';
import { askFit, type AskedFit } from './ask-fit.ts';
import { askSample } from './ask-sample.ts';
import { describeCustomers } from '../../warehouse/describe-customers.ts';
import { askQuestions, type Questions } from '../../warehouse/questions.ts';
import { warehouseStepper, type WarehouseStepper } from './warehouse-stepper.ts';

/** Clusters that were found where the customers are. */
export type WarehouseClusters = {
  readonly method: 'kmeans';
  readonly fences: readonly Fence[];
  readonly scales: readonly FeatureScale[];
  readonly fit: Omit<ClusterFit, 'labels'>;
  readonly fittedOn: string;
  /** What a person may want to know of the number of clusters. */
  readonly notes: readonly string[];
  readonly separation: Pick<ClusterQuality, 'silhouette_sq' | 'calinski_harabasz' | 'davies_bouldin'>;
};

/**
 * Fits k-means in the warehouse, by the steps and rules of the fit in memory: what comes back are counts, sums and
 * order statistics, a sample of customers where nothing is published to start from, and in the end each customer with
 * its cluster. Undefined where there are no customers to fit: the stages say why.
 */
export async function clusterInWarehouse(
  context: ReadContext,
  session: SourceSession,
  { segments, model }: { readonly segments: KmeansSegments; readonly model: CentroidModel | undefined },
): Promise<InWarehouse<WarehouseClusters> | undefined> {
  const { job } = context.loaded;
  const questions = askQuestions(session, job.source.customer_id);
  const { columns } = await describeCustomers(context, session);
  const asked = await askFit(context, questions, model);
  if (!asked) return undefined;
  const { rows, scales } = asked;
  const stepper = warehouseStepper(questions, rows, scales);
  const found = await findClusters(context, { segments, model, questions, ...asked, stepper });
  const centroids = pointsOf(found.fit.centroids, found.fit.k);
  const separation = await askSeparation(questions, rows, { scales, centroids, stepper });
  const sql = assignmentQuery(rows, scales, { centroids, columns });
  return {
    fitted: { method: 'kmeans', fences: rows.fences, scales, ...found, separation },
    customers: statementAround(session.customers, sql),
    foundColumn,
    queries: questions.count(),
  };
}

type Finding = AskedFit & {
  readonly segments: KmeansSegments;
  readonly model: CentroidModel | undefined;
  readonly questions: Questions;
  readonly stepper: WarehouseStepper;
};

async function findClusters(
  context: ReadContext,
  finding: Finding,
): Promise<Pick<WarehouseClusters, 'fit' | 'fittedOn' | 'notes'>> {
  const { segments, model, stepper } = finding;
  const published = model && Float64Array.from(model.clusters.flatMap((cluster) => cluster.centroid));
  if (model && published && !refitIsDue(segments.refit, parseDay(model.fittedOn), context.asOf)) {
    const k = model.clusters.length;
    const { inertia } = await stepper.step({ k, centroids: published, travel: new Float64Array(k), fresh: true });
    const fit = { k, centroids: published, inertia, iterations: 0, converged: true, start: 'assigned' } as const;
    return { fit, fittedOn: model.fittedOn, notes: [] };
  }
  const { start, notes } = await findStart(context, finding, published);
  const { sizes, ...settled } = await settleClusters(stepper, start, { signal: context.signal });
  const fit = { ...settled, k: sizes.length, start: published ? ('warm' as const) : ('cold' as const) };
  return { fit, fittedOn: formatDay(context.asOf), notes };
}

type Start = { readonly start: Float64Array; readonly notes: readonly string[] };

/** The published centroids, or the best of several starts on a sample: on all customers, as in memory, where they are few. */
async function findStart(
  context: ReadContext,
  { segments, model, questions, rows, count, scales }: Finding,
  published: Float64Array | undefined,
): Promise<Start> {
  if (published && segments.k !== 'auto') return { start: published, notes: [] };
  const { seed, restarts } = segments;
  const matrix = await askSample(questions, rows, { scales, count, seed });
  const { k, notes } = await settleK(context, { segments, matrix, published: model?.clusters.length });
  const some = [matrix.rowCount, count].map((rows) => rows.toLocaleString('en-US'));
  const sampled =
    matrix.rowCount < count && notes.length > 0 ? [`k: auto has seen ${some.join(' of ')} customers.`] : [];
  const start = published ?? (await startOf({ matrix, k, seed, restarts, signal: context.signal, pause: turn }));
  return { start, notes: [...notes, ...sampled] };
}

type Separating = {
  readonly scales: readonly FeatureScale[];
  readonly centroids: readonly (readonly number[])[];
  readonly stepper: WarehouseStepper;
};

async function askSeparation(
  questions: Questions,
  rows: FitRows,
  { scales, centroids, stepper }: Separating,
): Promise<WarehouseClusters['separation']> {
  const { moments, numbers } = stepper.lastMoments();
  const { counts, means } = moments;
  if (counts.length < 2) return { silhouette_sq: null, calinski_harabasz: null, davies_bouldin: null };
  const found = await questions.numbers(separationQuery(rows, scales, { centroids, moments, numbers }));
  const ordered = found.toSorted((a, b) => a['j']! - b['j']!);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const silhouettes = ordered.reduce((sum, row) => sum + row['silhouettes']!, 0);
  const spreads = ordered.map((row, i) => row['distances']! / counts[i]!);
  return {
    silhouette_sq: finiteOrNull(silhouettes / total),
    calinski_harabasz: finiteOrNull(calinskiHarabaszOf(moments)),
    davies_bouldin: finiteOrNull(daviesBouldinOf(means, spreads)),
  };
}
