import { dueSlots, type DueSlot } from '../analysis/decide/due-slots.ts';
import type { Schedule } from '../job/schema.ts';
import type { Logger } from '../log.ts';
import { runChild } from './child-run.ts';

/** A job with a schedule, and how to learn what of it was run. */
export type ScheduledJob = {
  readonly job: string;
  readonly schedule: Schedule;
  /** The newest slot that any host has taken. */
  readonly newestTaken: () => Promise<Date | null>;
};

export type DueOptions = {
  /** Program and arguments of a run of a job's slot. */
  readonly commandOf: (job: string, slot: DueSlot) => readonly [string, ...string[]];
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly graceMs: number;
  readonly now: () => Date;
};

/** Runs the slots of a job that are due, one after the other; returns the exit codes of those runs. */
export async function runDue({ job, schedule, newestTaken }: ScheduledJob, options: DueOptions): Promise<number[]> {
  const { commandOf, log, signal, graceMs, now } = options;
  const exits: number[] = [];
  for (const slot of dueSlots(schedule, await newestTaken(), now())) {
    if (signal.aborted) break;
    const timeoutMs = schedule.timeout_minutes * 60_000;
    exits.push(await runChild({ job, slot, command: commandOf(job, slot), timeoutMs, graceMs, signal, log }));
  }
  return exits;
}
