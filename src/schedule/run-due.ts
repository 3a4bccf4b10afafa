import { setTimeout as sleep } from 'node:timers/promises';
import { dueSlots, type DueSlot } from '../analysis/decide/due-slots.ts';
import { jitterMs } from '../analysis/decide/jitter.ts';
import type { Schedule } from '../job/schema.ts';
import type { Logger } from '../logger.ts';
import { runChild } from './child-run.ts';

/** A job with a schedule, and how to learn what of it was run. */
export type ScheduledJob = {
  readonly job: string;
  readonly schedule: Schedule;
  /** The newest slot that any host has taken. */
  readonly newestTaken: () => Promise<Date | null>;
  /** How long a run may wait for its source; its time-out counts from there. */
  readonly waitMs?: number;
};

export type DueOptions = {
  /** Program and arguments of a run of a job's slot. */
  readonly commandOf: (job: string, slot: DueSlot) => readonly [string, ...string[]];
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly graceMs: number;
  readonly now: () => Date;
};

/**
 * Runs the slots of a job that are due, one after the other, each after its jitter; returns the exit
 * codes of those runs. A slot that another host takes during the jitter is left to it.
 */
export async function runDue(scheduled: ScheduledJob, options: DueOptions): Promise<number[]> {
  const { job, schedule, newestTaken, waitMs = 0 } = scheduled;
  const { commandOf, log, signal, graceMs, now } = options;
  const exits: number[] = [];
  for (const slot of dueSlots(schedule, await newestTaken(), now())) {
    if (await sitOutJitter(scheduled, slot, options)) {
      const newest = await newestTaken();
      if (newest && newest >= slot.scheduledAt) continue;
    }
    if (signal.aborted) break;
    const timeoutMs = schedule.timeout_minutes * 60_000 + waitMs;
    exits.push(await runChild({ job, slot, command: commandOf(job, slot), timeoutMs, graceMs, signal, log }));
  }
  return exits;
}

const lookAtClockMs = 1000;

/** True when there was something to wait for. The clock is looked at again and again: it may be stepped, or stand still. */
async function sitOutJitter({ job, schedule }: ScheduledJob, slot: DueSlot, options: DueOptions): Promise<boolean> {
  const { now, log, signal } = options;
  const startsAt = slot.scheduledAt.getTime() + jitterMs(job, slot.scheduledAt, schedule.jitter_minutes);
  if (now().getTime() >= startsAt) return false;
  const scheduledAt = slot.scheduledAt.toISOString();
  log.info('run waits for its jitter', { job, slot: scheduledAt, starts_at: new Date(startsAt).toISOString() });
  while (now().getTime() < startsAt && !signal.aborted) {
    const left = Math.min(startsAt - now().getTime(), lookAtClockMs);
    await sleep(left, undefined, { signal }).catch(() => {});
  }
  return true;
}
