import type { AlertCondition } from '../job/schema/notify.ts';

/** What is remembered of one condition of a job, over all runs and hosts. */
export type AlertState = {
  /** When it began; null while all is well. */
  readonly sinceMs: number | null;
  /** When it was last looked at. */
  readonly observedMs: number;
  /** Runs that met it since it began. */
  readonly occurrences: number;
  readonly runId: string | null;
};

/** What a look at the condition found. */
export type Sighting = { readonly active: boolean; readonly runId: string | null };

/** What a message says: it began, it still lasts (for the n-th reminder), it is over. */
export type Step = { readonly kind: 'raised' | 'reminder' | 'recovered'; readonly nth: number };

export type Subscription = {
  readonly events: readonly (AlertCondition | 'recovered')[];
  readonly remindAfterMs: number | undefined;
};

/** Before anything was ever seen of a condition. */
export const allWell: AlertState = { sinceMs: null, observedMs: 0, occurrences: 0, runId: null };

/** The state after a look. */
export function afterSighting(state: AlertState, { active, runId }: Sighting, nowMs: number): AlertState {
  if (!active) return { ...allWell, observedMs: nowMs };
  if (state.sinceMs === null) return { sinceMs: nowMs, observedMs: nowMs, occurrences: 1, runId };
  const isNewRun = runId !== null && runId !== state.runId;
  return {
    sinceMs: state.sinceMs,
    observedMs: Math.max(nowMs, state.observedMs),
    occurrences: state.occurrences + (isNewRun ? 1 : 0),
    runId: runId ?? state.runId,
  };
}

/** What a subscriber is told of the step from one state to the next: nothing, while nothing changes and no reminder is due. */
export function stepBetween(
  before: AlertState,
  after: AlertState,
  condition: AlertCondition,
  { events, remindAfterMs }: Subscription,
): Step | null {
  if (!events.includes(condition)) return null;
  if (before.sinceMs === null) return after.sinceMs === null ? null : { kind: 'raised', nth: 0 };
  if (after.sinceMs === null) return events.includes('recovered') ? { kind: 'recovered', nth: 0 } : null;
  if (remindAfterMs === undefined) return null;
  const nth = remindersDue(after, remindAfterMs);
  return nth > remindersDue(before, remindAfterMs) ? { kind: 'reminder', nth } : null;
}

/** Runs never start to the second: one that comes a little early still brings its reminder. */
const earlyShare = 0.05;
const mostEarlyMs = 3_600_000;

function remindersDue({ sinceMs, observedMs }: AlertState, everyMs: number): number {
  const early = Math.min(everyMs * earlyShare, mostEarlyMs);
  return Math.floor((observedMs - (sinceMs ?? observedMs) + early) / everyMs);
}
