import { Cron } from 'croner';

/** When to ask for due slots: the values of each field of a cron expression; null is every day. */
export type Wakes = {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[] | null;
  readonly months: readonly number[] | null;
  /** 0 is Sunday. */
  readonly weekdays: readonly number[] | null;
};

/**
 * The times of a cron expression, and for each of them the same minute an hour later: there a night is
 * found whose time the clocks skipped, or that the host slept through. Days that other schedulers have no
 * words for, such as the last of a month, become every day: what is not due is not run.
 */
export function wakesOf(expression: string): Wakes {
  const [minute = '*', hour = '*', day = '*', month = '*', weekday = '*'] = expression.trim().split(/\s+/);
  const special = /[LW#+?]/i.test(day) || /[L#+?]/i.test(weekday);
  const hours = matching(`* ${hour} * * *`, 24, (value) => Date.UTC(2026, 0, 1, value));
  const later = hours.map((value) => value + 1).filter((value) => value < 24);
  return {
    minutes: matching(`${minute} * * * *`, 60, (value) => Date.UTC(2026, 0, 1, 0, value)),
    hours: [...new Set([...hours, ...later])].sort((left, right) => left - right),
    days: special
      ? null
      : restricted(
          matching(`* * ${day} * *`, 31, (value) => Date.UTC(2026, 0, value + 1)),
          31,
          1,
        ),
    months: restricted(
      matching(`* * * ${month} *`, 12, (value) => Date.UTC(2026, value)),
      12,
      1,
    ),
    // 4 January 2026 is a Sunday.
    weekdays: special
      ? null
      : restricted(
          matching(`* * * * ${weekday}`, 7, (value) => Date.UTC(2026, 0, 4 + value)),
          7,
          0,
        ),
  };
}

/** Which of the values 0 to count - 1 a field matches, given an instant that has each value. */
function matching(expression: string, count: number, instantOf: (value: number) => number): number[] {
  const cron = new Cron(expression, { paused: true, timezone: 'UTC', mode: '5-part' });
  return Array.from({ length: count }, (_, value) => value).filter((value) => cron.match(new Date(instantOf(value))));
}

function restricted(values: readonly number[], count: number, first: number): readonly number[] | null {
  return values.length === count ? null : values.map((value) => value + first);
}

/** The wakes as the five fields that every cron knows. */
export function cronFields({ minutes, hours, days, months, weekdays }: Wakes): string {
  const minute = minutes.length === 60 ? null : minutes;
  const hour = hours.length === 24 ? null : hours;
  return [minute, hour, days, months, weekdays].map((values) => values?.join(',') ?? '*').join(' ');
}
