import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayInZone, formatDay, parseDay, type Day } from '../../src/frame/day.ts';
import { formatTimestamp, parseTimestamp, timestampDay } from '../../src/frame/timestamp.ts';

describe('a day', () => {
  it.each([
    ['1970-01-01', 0],
    ['1969-12-31', -1],
    ['2000-02-29', 11016],
    ['9999-12-31', 2932896],
    ['0001-01-01', -719162],
  ])('%s is %i days from 1970-01-01', (text, day) => {
    expect(parseDay(text)).toBe(day);
    expect(formatDay(day as Day)).toBe(text);
  });

  it.each(['2023-02-29', '2024-13-01', '0000-00-00', '24-01-01', '2024-1-1', '2024-01-01 00:00', ''])(
    'refuses "%s"',
    (text) => expect(() => parseDay(text)).toThrow(RangeError),
  );

  it('comes back from its text', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719162, max: 2932896 }), (day) => {
        expect(parseDay(formatDay(day as Day))).toBe(day);
      }),
    );
  });

  it('is the date that clocks in the zone show', () => {
    const instant = new Date('2026-06-30T23:30:00Z');
    expect(formatDay(dayInZone(instant, 'Europe/Lisbon'))).toBe('2026-07-01');
    expect(formatDay(dayInZone(instant, 'America/New_York'))).toBe('2026-06-30');
  });
});

describe('a zoneless timestamp', () => {
  it('keeps an hour that daylight saving skips', () => {
    expect(formatTimestamp(parseTimestamp('2024-03-31 02:30:00'))).toBe('2024-03-31 02:30:00');
  });

  it.each(['2024-03-31 02:30:00.000001', '1900-01-01 23:59:59.5', '9999-12-31 00:00:00'])('%s comes back', (text) =>
    expect(formatTimestamp(parseTimestamp(text))).toBe(text),
  );

  it.each(['2024-03-31 24:00:00', '2024-03-31', '2024-03-31 10:00:00+02', 'now'])('refuses "%s"', (text) =>
    expect(() => parseTimestamp(text)).toThrow(RangeError),
  );

  it('belongs to its calendar date, also before 1970', () => {
    expect(formatDay(timestampDay(parseTimestamp('1969-12-31 23:59:59')))).toBe('1969-12-31');
    expect(formatDay(timestampDay(parseTimestamp('1970-01-01 00:00:00')))).toBe('1970-01-01');
  });
});
