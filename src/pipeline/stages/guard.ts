import { judgeChange, measureDrift, type Drift } from '../../analysis/decide/change-guards.ts';
import { judge, judgeDrift, judgeRedo, type GuardResult } from '../../analysis/decide/guards.ts';
import type { Candidates } from '../../frame/tags.ts';
import type { Guards, Job } from '../../job/schema.ts';
import type { RunContext } from '../context.ts';
import type { Segmentation } from '../methods/segmentation.ts';
import type { Planned } from './plan.ts';
import type { Standing } from './standing.ts';

export type Guarded = {
  readonly results: readonly GuardResult[];
  readonly held: boolean;
  readonly drift: Drift;
};

export type GuardStageInput = {
  readonly planned: Planned;
  readonly segmentation: Segmentation;
  readonly standing: Standing;
  readonly scaleReset: boolean;
  /** Of the published model that tonight goes on from. */
  readonly publishedSilhouette: number | null;
};

/** Judges the computed night by the job's guards. */
export function guard(context: RunContext, input: GuardStageInput): Guarded {
  const { planned, segmentation, scaleReset, publishedSilhouette } = input;
  const { job } = context.loaded;
  const customers = countBySegment(segmentation);
  const judged = judge(guardsOf(job), {
    counts: planned.diff.counts,
    segments: segmentation.segments.map(({ segment }, i) => ({
      segment,
      customers: customers[i]!,
      exempt: segmentation.exempt.has(segment),
    })),
    baseSegments: planned.diff.baseSegments,
    keptSegments: planned.diff.keptSegments,
    silhouetteSq: segmentation.quality?.silhouette_sq ?? null,
    labelProblems: segmentation.problems,
    scaleReset,
  });
  const drift = measureDrift({
    moves: planned.diff.moves,
    sizes: new Map(segmentation.segments.map(({ segment }, i) => [segment, customers[i]!])),
    shifts: segmentation.clusters.map(({ shift }) => shift).filter((shift) => shift !== null),
    silhouettes: { now: segmentation.quality?.silhouette_sq ?? null, published: publishedSilhouette },
  });
  const changed = judgeChange(guardsOf(job), drift, planned.diff.counts.moved);
  const results = [...judged, ...changed, ...judgeStanding(input)];
  return { results, drift, held: results.some(({ verdict }) => verdict === 'held') };
}

/** The guards in one line. */
export function noteGuard({ results }: Guarded): string {
  const trouble = results.filter(({ verdict }) => verdict === 'held' || verdict === 'warned');
  const passed = results.filter(({ verdict }) => verdict === 'passed').length;
  return [
    `${passed} passed`,
    ...trouble.map(({ guard, verdict, message }) => `${verdict} by ${guard}: ${message}`),
  ].join(' · ');
}

/** Rules may well fit few customers: unless the job says so, only clusters are held to a size. */
function guardsOf({ guards, segments }: Job): Guards {
  return 'k' in segments ? guards : { ...guards, segment_share: guards.segment_share ?? 'off' };
}

/** What others have done to the tags since they were published. */
function judgeStanding({ planned, standing }: GuardStageInput): GuardResult[] {
  const { drift, undone } = standing;
  const found = { edited: drift.edited.length, missing: drift.missing.length, inTheWay: planned.inTheWay };
  const { candidates, baseRows } = planned.diff;
  return [
    ...(baseRows > 0 || found.missing > 0 ? [judgeDrift(found)] : []),
    ...(undone.size > 0 ? [judgeRedo(countRedone(candidates, undone), candidates.count)] : []),
  ];
}

/** Changes that bring customers back to where a rollback took them from. */
function countRedone(candidates: Candidates, undone: Standing['undone']): number {
  let redone = 0;
  for (let i = 0; i < candidates.count; i++) {
    const { customerId, kind, segment } = candidates.at(i);
    if (kind !== 'update' && undone.get(customerId) === segment) redone++;
  }
  return redone;
}

/** Customers of each segment, in their order. */
function countBySegment({ segments, segmentOf }: Segmentation): number[] {
  const counts = segments.map(() => 0);
  for (const index of segmentOf) if (index >= 0) counts[index]!++;
  return counts;
}
