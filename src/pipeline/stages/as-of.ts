import { SegtagError } from '../../errors.ts';
import { formatDay, parseDay, type Day } from '../../frame/day.ts';

/** Throws E_OLDER_THAN_PUBLISHED for a date before the one that the published state stands for. */
export function refuseOlder(job: string, asOf: Day, publishedAsOf: string | undefined): void {
  if (publishedAsOf === undefined || asOf >= parseDay(publishedAsOf)) return;
  throw new SegtagError('E_OLDER_THAN_PUBLISHED', {
    where: job,
    what: `As of ${formatDay(asOf)} is older than what is published, ${publishedAsOf}. Nothing was published.`,
    remedy: `Take ${publishedAsOf} or later, or publish the older state on purpose with --allow-older.`,
  });
}
