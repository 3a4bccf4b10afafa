/** A whole number with thousands separators. */
export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A whole number with its sign, for changes: `+12`, `−3`, `0`. */
export function signed(value: number): string {
  if (value === 0) return '0';
  return `${value > 0 ? '+' : '−'}${count(Math.abs(value))}`;
}

/** A share of 0..1 as a percentage with one digit. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** A number for reading: whole from 100 on, with one digit from 10, two below. */
export function measure(value: number): string {
  const size = Math.abs(value);
  return value.toLocaleString('en-US', { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : 2 });
}

/** A number on an axis, in words that a person in trade says: `950`, `12k`, `3.4M`, `4.53bn`. */
export function short(value: number): string {
  const size = Math.abs(value);
  const [unit, word] =
    size >= 1e9
      ? ([1e9, 'bn'] as const)
      : size >= 1e6
        ? ([1e6, 'M'] as const)
        : size >= 1e4
          ? ([1e3, 'k'] as const)
          : ([1, ''] as const);
  return `${Number((value / unit).toPrecision(3)).toLocaleString('en-US')}${word}`;
}

/** Milliseconds as `310 ms`, `4.2 s` or `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** A column's name as words: `recency_days` is `Recency (days)`. */
export function columnTitle(column: string): string {
  const [, stem = column, unit] = /^(.+?)_(days|hours|months|years)$/.exec(column) ?? [];
  const words = stem.replaceAll('_', ' ');
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  return unit === undefined ? title : `${title} (${unit})`;
}

/** A title in the middle of a sentence. */
export function lowered(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}

/** `2026-06-30` as `30 June 2026`. */
export function longDay(day: string): string {
  const [year, month, date] = day.split('-');
  return `${Number(date)} ${months[Number(month) - 1] ?? month} ${year}`;
}

/** `2026-06-30T02:00:10.123Z` as `2026-06-30 02:00:10 UTC`. */
export function instant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
