import { Cron } from 'croner';
import { dayInZone, type Day } from '../../frame/day.ts';
import type { Schedule } from '../../job/schema.ts';

/** One time at which a job is to run. */
export type SlotTime = {
  readonly scheduledAt: Date;
  /** The calendar date in the job's time zone: the run's as_of. */
  readonly asOf: Day;
  /** Clocks skip the wanted time on that day, so the slot is the first moment after the gap. */
  readonly shifted: boolean;
};

export type DueSlot = SlotTime & { readonly trigger: 'schedule' | 'catch_up' };

/** A slot that starts within this time and its jitter is on time; after it, it is caught up. */
const onTimeMs = 5 * 60_000;
/** Before the first slot was ever taken, only the last hour is looked at: a new job doesn't run for the past. */
const firstLookbackMs = 3_600_000;

/**
 * The slots of a schedule with `after < scheduledAt <= until`, oldest first, at most `limit`.
 * A time of day that clocks skip moves to the end of the gap, so that a nightly job runs every
 * night; with `dst: skip` it is left out. A time that comes twice counts once.
 */
export function slotsBetween(
  schedule: Schedule,
  after: Date,
  until: Date,
  limit = Number.POSITIVE_INFINITY,
): SlotTime[] {
  const cron = new Cron(schedule.cron, { timezone: schedule.timezone, paused: true });
  const slots: SlotTime[] = [];
  let at = cron.nextRun(after);
  while (at && at <= until && slots.length < limit) {
    const shifted = !cron.match(at);
    if (!shifted || schedule.dst === 'run_next_valid') {
      slots.push({ scheduledAt: at, asOf: dayInZone(at, schedule.timezone), shifted });
    }
    at = cron.nextRun(at);
  }
  return slots;
}

/**
 * Which slots are to be run now, oldest first. `newestTaken` is the newest slot that any host has
 * taken; slots at or before it are never due again, also when a clock was stepped back.
 */
export function dueSlots(schedule: Schedule, newestTaken: Date | null, now: Date): DueSlot[] {
  const deadlineMs = schedule.deadline_hours * 3_600_000;
  const punctualMs = onTimeMs + schedule.jitter_minutes * 60_000;
  const oldest = now.getTime() - (newestTaken ? deadlineMs : Math.min(deadlineMs, firstLookbackMs));
  const after = new Date(Math.max(oldest, newestTaken?.getTime() ?? Number.NEGATIVE_INFINITY));
  const due = slotsBetween(schedule, after, now).map((slot): DueSlot => {
    const late = now.getTime() - slot.scheduledAt.getTime() > punctualMs;
    return { ...slot, trigger: late ? 'catch_up' : 'schedule' };
  });
  switch (schedule.catch_up) {
    case 'none':
      return due.filter(({ trigger }) => trigger === 'schedule').slice(-1);
    case 'latest':
      return due.slice(-1);
    default:
      return due.slice(-schedule.catch_up.all);
  }
}
