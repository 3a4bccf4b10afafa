import { describe, expect, it } from 'vitest';
import { matchRows } from '../../../src/analysis/expression/match-rows.ts';
import type { Column } from '../../../src/frame/column.ts';
import { parseDay } from '../../../src/frame/day.ts';
import { parseRowPredicate } from '../../../src/job/expression/row-predicate.ts';

const columns = new Map<string, Column>([
  ['days', { kind: 'number', values: Float64Array.of(10, 400, NaN, 365), nulls: Uint8Array.of(0, 0, 1, 0) }],
  [
    'country',
    { kind: 'text', dictionary: ['UK', 'PT'], codes: Int32Array.of(0, 1, 0, -1), nulls: Uint8Array.of(0, 0, 0, 1) },
  ],
  ['vip', { kind: 'boolean', values: Uint8Array.of(1, 0, 0, 1) }],
  [
    'joined',
    { kind: 'day', values: Int32Array.of(...['2024-01-01', '2024-06-01', '2025-01-01', '2023-01-01'].map(parseDay)) },
  ],
]);

function matches(text: string): number[] {
  const parsed = parseRowPredicate(text);
  if ('mistake' in parsed) throw new Error(parsed.mistake.message);
  return [...matchRows(columns, parsed.value, 4)];
}

describe('matching rows', () => {
  it('compares numbers, text, booleans and dates', () => {
    expect(matches('days >= 365')).toEqual([0, 1, 0, 1]);
    expect(matches('days between 10 and 365')).toEqual([1, 0, 0, 1]);
    expect(matches("country in ('UK', 'FR')")).toEqual([1, 0, 1, 0]);
    expect(matches('vip == true and days < 365')).toEqual([1, 0, 0, 0]);
    expect(matches("joined < '2024-06-01'")).toEqual([1, 0, 0, 1]);
  });

  it('takes a null for neither true nor false, as SQL does', () => {
    expect(matches('not days >= 365')).toEqual([1, 0, 0, 0]);
    expect(matches("country != 'UK'")).toEqual([0, 1, 0, 0]);
    expect(matches("days >= 365 or country == 'UK'")).toEqual([1, 1, 1, 1]);
    expect(matches("not (days >= 365 and country == 'PT')")).toEqual([1, 0, 1, 0]);
    expect(matches('days is null or country is null')).toEqual([0, 0, 1, 1]);
    expect(matches('days is not null')).toEqual([1, 1, 0, 1]);
  });
});
