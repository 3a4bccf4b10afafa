import type { Schedule } from '../../job/schema.ts';

/** A job with a schedule, for a scheduler that isn't ours. */
export type Unit = {
  readonly job: string;
  readonly schedule: Schedule;
  /** Program and arguments that run what is due of the job. */
  readonly command: readonly string[];
  /** How long a run may wait for its source. */
  readonly waitMs: number;
};

/** A file to be put somewhere. */
export type UnitFile = { readonly path: string; readonly text: string };

/** The longest that a wake may take: jitter, waiting for the source, the run itself, and its end. */
export function longestSeconds({ schedule, waitMs }: Unit): number {
  const { jitter_minutes: jitter, timeout_minutes: timeout } = schedule;
  return Math.ceil(60 * (jitter + timeout) + waitMs / 1000) + 60;
}
