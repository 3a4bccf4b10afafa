import { judge, type GuardResult } from '../analysis/decide/guards.ts';
import type { Guards, Job } from '../job/schema.ts';
import type { RunContext } from './context.ts';
import type { Segmentation } from './methods/segmentation.ts';
import { activeSegments, type Planned } from './plan.ts';

export type Guarded = { readonly results: readonly GuardResult[]; readonly held: boolean };

export type GuardStageInput = {
  readonly planned: Planned;
  readonly segmentation: Segmentation;
  readonly scaleReset: boolean;
};

/** Judges the computed night by the job's guards. */
export function guard(context: RunContext, { planned, segmentation, scaleReset }: GuardStageInput): Guarded {
  const { job } = context.loaded;
  const customers = countBySegment(segmentation);
  const results = judge(guardsOf(job), {
    counts: planned.diff.counts,
    segments: segmentation.segments.map(({ segment }, i) => ({
      segment,
      customers: customers[i]!,
      exempt: segmentation.exempt.has(segment),
    })),
    baseSegments: activeSegments(planned.base),
    keptSegments: planned.diff.keptSegments,
    silhouetteSq: segmentation.quality?.silhouette_sq ?? null,
    labelProblems: segmentation.problems,
    scaleReset,
  });
  return { results, held: results.some(({ verdict }) => verdict === 'held') };
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
  return segments.method === 'kmeans' ? guards : { ...guards, segment_share: guards.segment_share ?? 'off' };
}

/** Customers of each segment, in their order. */
function countBySegment({ segments, segmentOf }: Segmentation): number[] {
  const counts = segments.map(() => 0);
  for (const index of segmentOf) if (index >= 0) counts[index]!++;
  return counts;
}
