import type { NightSummary } from './night.ts';

type Trends = NightSummary['trends'];

/** Invoices by weekday and hour: `counts[weekday][hour]`, hours from the first with an invoice to the last. */
export type Week = {
  readonly weekdays: readonly string[];
  readonly hours: readonly string[];
  readonly counts: readonly (readonly number[])[];
};

/** The week that trends of the grain `weekday_hour` describe, by periods such as `1 Monday 09`; null without any. */
export function weekOf(trends: Trends): Week | null {
  const cells = trends.flatMap(({ grain, period, invoices }) => {
    const [, weekday, hour] = /^(.+) (\d\d)$/.exec(period) ?? [];
    return grain === 'weekday_hour' && weekday !== undefined ? [{ weekday, hour: Number(hour), invoices }] : [];
  });
  if (cells.length === 0) return null;
  const weekdays = [...new Set(cells.map(({ weekday }) => weekday))].toSorted();
  const [first, last] = [Math.min(...cells.map(({ hour }) => hour)), Math.max(...cells.map(({ hour }) => hour))];
  const counts = weekdays.map(() => Array.from({ length: last - first + 1 }, () => 0));
  for (const { weekday, hour, invoices } of cells) counts[weekdays.indexOf(weekday)]![hour - first]! += invoices;
  return {
    weekdays: weekdays.map(plainPeriod),
    hours: counts[0]!.map((_, i) => `${String(first + i).padStart(2, '0')}:00`),
    counts,
  };
}

/** `1 Monday` sorts as a week does; people say Monday. */
export function plainPeriod(period: string): string {
  return period.replace(/^\d (?=\D)/, '');
}
