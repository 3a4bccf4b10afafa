declare const dayBrand: unique symbol;

/** A calendar date as whole days since 1970-01-01, free of any time zone. */
export type Day = number & { readonly [dayBrand]: true };

const isoDate = /^(\d{4})-(\d{2})-(\d{2})$/;
const msPerDay = 86_400_000;

/** Reads `YYYY-MM-DD`. Throws RangeError on any other text and on dates that don't exist. */
export function parseDay(text: string): Day {
  const match = isoDate.exec(text);
  if (!match) throw new RangeError(`"${text}" is not a date written YYYY-MM-DD`);
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const utc = new Date(0);
  utc.setUTCFullYear(year, month - 1, date);
  if (utc.getUTCMonth() !== month - 1 || utc.getUTCDate() !== date)
    throw new RangeError(`"${text}" is not a date that exists`);
  return (utc.getTime() / msPerDay) as Day;
}

/** Writes a day as `YYYY-MM-DD`. */
export function formatDay(day: Day): string {
  return new Date(day * msPerDay).toISOString().slice(0, 10);
}

/** The calendar date that clocks in `timezone` (an IANA name) show at `instant`. */
export function dayInZone(instant: Date, timezone: string): Day {
  const formatter = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return parseDay(formatter.format(instant));
}
