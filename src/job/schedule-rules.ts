import { Cron } from 'croner';
import { didYouMean } from './did-you-mean.ts';
import type { Report } from './yaml-text.ts';
import { valueAt } from './plain-value.ts';

/** The cron expression has five fields that name times which come, and the time zone exists. */
export function scheduleRules(job: unknown, report: Report): void {
  const cron = valueAt(job, ['schedule', 'cron']);
  if (typeof cron === 'string') {
    const complaint = cronComplaint(cron);
    if (complaint !== undefined)
      report(['schedule', 'cron'], complaint, 'minute, hour, day of month, month, weekday, such as "0 2 * * *"');
  }
  const timezone = valueAt(job, ['schedule', 'timezone']);
  if (typeof timezone === 'string' && !isTimezone(timezone)) {
    const near = didYouMean(timezone, Intl.supportedValuesOf('timeZone'));
    const suggestion = near === undefined ? 'write one such as Europe/Lisbon' : `did you mean "${near}"?`;
    report(['schedule', 'timezone'], `"${timezone}" is not an IANA time zone`, suggestion);
  }
}

/** Any fixed moment serves: whether a day such as 31 February ever comes doesn't depend on today. */
const someMoment = new Date('2026-01-01T00:00:00Z');

function cronComplaint(expression: string): string | undefined {
  try {
    const next = new Cron(expression, { paused: true, mode: '5-part', utcOffset: 0 }).nextRun(someMoment);
    return next === null ? `"${expression}" names a time that never comes` : undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return `"${expression}" is not a cron expression: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
  }
}

function isTimezone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
