import { SegtagError } from '../errors.ts';
import { dayInZone, parseDay, type Day } from '../frame/day.ts';
import type { LoadedJob } from '../job/load-job.ts';
import type { Project } from './project.ts';

/** The date of a night: as asked for, else pinned by the target, else the date of `instant` where the job lives. */
export function chooseAsOf(project: Project, loaded: LoadedJob, asked: string | undefined, instant: Date): Day {
  const text = asked ?? project.target.asOf;
  if (text === undefined) return dayInZone(instant, loaded.job.schedule?.timezone ?? 'UTC');
  return readDay(text, '--as-of');
}

/** A date as it was typed for an option; throws E_USAGE. */
export function readDay(text: string, option: string): Day {
  try {
    return parseDay(text);
  } catch (cause) {
    throw new SegtagError('E_USAGE', {
      where: option,
      what: cause instanceof Error ? `${cause.message}.` : String(cause),
      remedy: 'Write a date such as 2026-06-30.',
      cause,
    });
  }
}
