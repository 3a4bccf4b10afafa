import { judge, type GuardResult } from '../analysis/decide/guards.ts';
import type { RunContext } from './context.ts';
import type { Labelled } from './label.ts';
import { activeSegments, type Planned } from './plan.ts';
import type { Segmented } from './segment.ts';

export type Guarded = { readonly results: readonly GuardResult[]; readonly held: boolean };

export type GuardStageInput = {
  readonly planned: Planned;
  readonly labelled: Labelled;
  readonly segmented: Segmented;
  readonly scaleReset: boolean;
};

/** Judges the computed night by the job's guards. */
export function guard(context: RunContext, { planned, labelled, segmented, scaleReset }: GuardStageInput): Guarded {
  const { job } = context.loaded;
  const customers = countBySegment(labelled);
  const results = judge(job.guards, {
    counts: planned.diff.counts,
    segments: job.labels.map(({ segment, when }, i) => ({
      segment,
      customers: customers[i]!,
      exempt: when === 'outlier',
    })),
    baseSegments: activeSegments(planned.base),
    keptSegments: planned.diff.keptSegments,
    silhouetteSq: segmented.quality.silhouette_sq,
    labelProblems: labelled.result.problems.map(({ message }) => message),
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

/** Customers of each segment, in the order of the job's labels. */
function countBySegment({ segments, segmentOf }: Labelled): number[] {
  const counts = segments.map(() => 0);
  for (const index of segmentOf) if (index >= 0) counts[index]!++;
  return counts;
}
