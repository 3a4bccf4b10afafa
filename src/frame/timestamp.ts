import { formatDay, parseDay, type Day } from './day.ts';

const zonelessTimestamp = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/;
const microsPerSecond = 1_000_000n;
const microsPerDay = 86_400n * microsPerSecond;

/**
 * Reads a wall-clock time without a zone (`2024-03-31 02:30:00.5`) as microseconds since
 * 1970-01-01 00:00:00 on that same clock. No `Date` is involved, so hours that a zone skips
 * stay what they are. Digits beyond microseconds are cut. Throws RangeError on other text.
 */
export function parseTimestamp(text: string): bigint {
  const match = zonelessTimestamp.exec(text);
  if (!match) throw new RangeError(`"${text}" is not a time written YYYY-MM-DD HH:MM:SS`);
  const [, date = '', hour = '', minute = '', second = '', fraction = ''] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw new RangeError(`"${text}" is not a time that exists`);
  const seconds = BigInt(Number(hour) * 3600 + Number(minute) * 60 + Number(second));
  const micros = BigInt(fraction.slice(0, 6).padEnd(6, '0'));
  return BigInt(parseDay(date)) * microsPerDay + seconds * microsPerSecond + micros;
}

/** Writes microseconds since 1970-01-01 as `YYYY-MM-DD HH:MM:SS`, with a fraction where there is one. */
export function formatTimestamp(micros: bigint): string {
  const day = timestampDay(micros);
  const rest = micros - BigInt(day) * microsPerDay;
  const seconds = Number(rest / microsPerSecond);
  const fraction = Number(rest % microsPerSecond);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const tail = fraction === 0 ? '' : `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
  return `${formatDay(day)} ${clock}${tail}`;
}

/** The calendar date of a wall-clock time. */
export function timestampDay(micros: bigint): Day {
  const floored = micros >= 0n ? micros / microsPerDay : -((-micros + microsPerDay - 1n) / microsPerDay);
  return Number(floored) as Day;
}
