import type { Schedule } from '../../job/schema.ts';
import { slotsBetween } from './due-slots.ts';

const longestBackMs = 10 * 366 * 86_400_000;

/**
 * The slot that a job owes: the oldest one after `lastSuccess` whose grace has run out, or null when it owes
 * none. A job that never succeeded owes its newest slot whose grace has run out.
 */
export function overdueSlot(schedule: Schedule, lastSuccess: Date | null, now: Date): Date | null {
  const until = new Date(now.getTime() - (schedule.grace_minutes + schedule.jitter_minutes) * 60_000);
  if (lastSuccess !== null) return slotsBetween(schedule, lastSuccess, until, 1)[0]?.scheduledAt ?? null;
  return newestSlotBefore(schedule, until);
}

/** Looks back in steps that grow, so that neither an hourly nor a yearly schedule takes long. */
function newestSlotBefore(schedule: Schedule, until: Date): Date | null {
  for (let back = 3_600_000; back < longestBackMs; back *= 10) {
    const newest = slotsBetween(schedule, new Date(until.getTime() - back), until).at(-1);
    if (newest) return newest.scheduledAt;
  }
  return null;
}
