import { countByBands } from '../../analysis/portrait/heat-map.ts';
import { sampleScatter } from '../../analysis/portrait/scatter-sample.ts';
import { columnNamed } from '../../analysis/matrix.ts';
import type { NightFigures, PastNight } from '../../report/night.ts';
import type { RunRecord } from '../../staging/runs/run-record.ts';
import type { Staging } from '../../staging/staging.ts';
import { customerAxes } from '../axes.ts';
import type { RunContext } from '../context.ts';
import { finiteOrNull } from '../finite.ts';
import type { Segmentation } from '../methods/segmentation.ts';
import { summaryInCrm } from './night-report.ts';
import type { Separated } from '../stages/outliers.ts';
import type { TopMover } from '../stages/sample.ts';
import { fewCustomers } from '../summary.ts';

export type FigureParts = {
  readonly separated: Separated;
  readonly segmentation: Segmentation;
  readonly movers: readonly TopMover[];
};

const scatterSize = 2_500;
/** How far back the sizes of segments go. */
const pastNights = 89;

/**
 * Keeps what the charts of a night's report are drawn from, beside its summary. A report fails no night: when they can't
 * be kept that is told, and the report does without them.
 */
export async function keepFigures(context: RunContext, staging: Staging, parts: FigureParts): Promise<void> {
  const { runId, loaded, progress, log, signal } = context;
  const { job } = loaded.job;
  try {
    const past = await staging.listRuns({ job, limit: pastNights + 1 });
    const history = past.filter((run) => run.runId !== runId).map(pastNight);
    await staging.saveFigures({ runId, job, figures: figuresOf(context, parts, history) });
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error ? error.message : String(error);
    progress.waiting(`the charts of the report could not be kept, which changes nothing else: ${cause}`);
    log.warn('the charts of the report could not be kept', { cause });
  }
}

function figuresOf(
  { loaded }: RunContext,
  { separated, segmentation, movers }: FigureParts,
  history: readonly PastNight[],
): NightFigures {
  const { job } = loaded;
  const { columns } = separated;
  const axes = customerAxes(job, columns);
  const { segmentOf, segments, kCurve } = segmentation;
  const column = (name: string | null) => (name === null ? null : columnNamed(columns, name));
  const [recency, frequency, value] = [column(axes.recency), column(axes.frequency), column(axes.value)];
  const groups = { groupOf: segmentOf, groupCount: segments.length, leastGroup: fewCustomers };
  return {
    version: 1,
    ids: job.report.ids,
    axes,
    outlier_segment: segmentation.outlierSegment,
    scatter: recency && value && sampleScatter({ x: recency, y: value, ...groups, size: scatterSize, seed: 1 }),
    heat_map: recency && frequency && countByBands(recency, frequency),
    k_curve:
      kCurve &&
      kCurve.map(({ k, inertia, silhouette }) => ({
        k,
        inertia: finiteOrNull(inertia),
        silhouette: finiteOrNull(silhouette),
      })),
    k: segmentation.quality?.k ?? null,
    k_from: 'k' in job.segments ? (job.segments.k === 'auto' ? 'auto' : 'job') : null,
    movers,
    history,
  };
}

function pastNight(run: RunRecord): PastNight {
  const { runId, asOf, status, startedAt, finishedAt, counts } = run;
  const { extracted = null, moved = null } = counts;
  const found = summaryInCrm(run);
  return {
    run_id: runId,
    as_of: asOf,
    status,
    started_at: startedAt,
    duration_ms: finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt),
    extracted,
    moved,
    ...(found ? { customers: Object.fromEntries(found.segments.map((each) => [each.segment, each.customers])) } : {}),
  };
}
