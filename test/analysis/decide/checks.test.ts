import { describe, expect, it } from 'vitest';
import { runChecks, type CheckInput } from '../../../src/analysis/decide/checks.ts';
import { createColumnBuilder, frameOf } from '../../../src/frame/builder.ts';
import { parseDay } from '../../../src/frame/day.ts';
import { parseTimestamp } from '../../../src/frame/timestamp.ts';
import type { ColumnKind } from '../../../src/frame/column.ts';
import { jobSchema, type Check } from '../../../src/job/schema.ts';

const asOf = parseDay('2026-06-30');

function column(name: string, kind: ColumnKind, values: readonly unknown[]) {
  const builder = createColumnBuilder(kind);
  for (const value of values) builder.push(value as never);
  return { name, column: builder.finish() };
}

const frame = frameOf([
  column('id', 'id', ['a', 'b', 'b', null, 'd']),
  column('region', 'text', ['north', 'south', 'west', null, 'north']),
  column('value', 'number', [1, -5, 3, null, Number.NaN]),
  column('seen', 'day', [parseDay('2026-06-01'), parseDay('2026-06-20'), null, null, parseDay('2020-01-01')]),
]);

function verdictOf(check: Record<string, unknown>, input: Partial<CheckInput> = {}) {
  const parsed = jobSchema.shape.checks.parse([check]) as Check[];
  return runChecks(parsed, { frame, asOf, removed: [], recentCounts: [], ...input })[0]!;
}

describe('checks', () => {
  it('say what a failure means in the words of the job file, and nothing of it when they pass', () => {
    const check = { check: 'row_count', message: 'the export was cut off' };
    expect(verdictOf({ ...check, min: 6 })).toMatchObject({ message: '5 rows: the export was cut off' });
    expect(verdictOf({ ...check, min: 6, severity: 'warn' }).message).toBe('5 rows: the export was cut off');
    expect(verdictOf({ ...check, min: 5 })).toMatchObject({ message: '5 rows' });
  });

  it('count repeated ids, and no nulls among them', () => {
    expect(verdictOf({ check: 'unique', columns: ['id'] })).toMatchObject({ found: 1, verdict: 'failed' });
    expect(verdictOf({ check: 'unique', columns: ['id', 'region'] })).toMatchObject({ found: 0, verdict: 'passed' });
  });

  it('count nulls', () => {
    expect(verdictOf({ check: 'not_null', columns: ['id', 'seen'] })).toMatchObject({ found: 3, verdict: 'failed' });
  });

  it('count values outside a range, NaN among them, nulls not', () => {
    expect(verdictOf({ check: 'range', columns: ['value'], min: 0 })).toMatchObject({ found: 2 });
    expect(verdictOf({ check: 'range', columns: ['value'], min: -5, max: 3 })).toMatchObject({ found: 1 });
  });

  it('count values that are not accepted', () => {
    const check = { check: 'accepted_values', columns: ['region'], values: ['north', 'south'] };
    expect(verdictOf(check)).toMatchObject({ found: 1, verdict: 'failed' });
  });

  it('compare values of any kind by their texts', () => {
    const kinds = frameOf([
      column('id', 'id', ['a', 'b', 'c']),
      column('active', 'boolean', [true, false, null]),
      column('level', 'number', [1, 2.5, -0]),
      column('seen', 'day', [parseDay('2026-06-01'), parseDay('0999-12-31'), null]),
      column('at', 'timestamp', [parseTimestamp('2026-06-01 00:00:00'), parseTimestamp('2026-06-01 23:59:59.5'), null]),
    ]);
    const found = (name: string, values: readonly string[]): number | null =>
      verdictOf({ check: 'accepted_values', columns: [name], values }, { frame: kinds }).found;
    expect(found('id', ['a', 'b'])).toBe(1);
    expect(found('active', ['true', 'false'])).toBe(0);
    expect(found('active', ['true'])).toBe(1);
    expect(found('level', ['0', '1', '2.5'])).toBe(0);
    expect(found('seen', ['2026-06-01', '0999-12-31'])).toBe(0);
    expect(found('seen', ['2026-06-01'])).toBe(1);
    expect(found('at', ['2026-06-01 00:00:00', '2026-06-01 23:59:59.5'])).toBe(0);
    expect(found('at', ['2026-06-01 00:00:00'])).toBe(1);
  });

  it('warn and fail by thresholds in numbers and shares', () => {
    const check = { check: 'not_null', columns: ['seen'] };
    expect(verdictOf({ ...check, severity: 'warn' }).verdict).toBe('warned');
    expect(verdictOf({ ...check, error_if: '> 2' }).verdict).toBe('passed');
    expect(verdictOf({ ...check, error_if: '> 2', warn_if: '>= 40%' }).verdict).toBe('warned');
    expect(verdictOf({ ...check, error_if: '> 39%' }).verdict).toBe('failed');
  });

  it('compare the row count with a floor and with the median of recent runs', () => {
    expect(verdictOf({ check: 'row_count', min: 6 }).verdict).toBe('failed');
    expect(verdictOf({ check: 'row_count', max: 4 }).verdict).toBe('failed');
    const drop = { check: 'row_count', max_drop: '20%' };
    expect(verdictOf(drop).verdict).toBe('passed');
    expect(verdictOf(drop, { recentCounts: [7, 7, 1] }).verdict).toBe('failed');
    expect(verdictOf(drop, { recentCounts: [6, 6, 100] }).verdict).toBe('passed');
  });

  it('measure freshness to as_of', () => {
    expect(verdictOf({ check: 'freshness', column: 'seen', max_age_days: 10 }).verdict).toBe('passed');
    expect(verdictOf({ check: 'freshness', column: 'seen', max_age_days: 9 })).toMatchObject({
      found: 10,
      verdict: 'failed',
    });
    const never = frameOf([column('seen', 'day', [null, null])]);
    expect(verdictOf({ check: 'freshness', column: 'seen', max_age_days: 9 }, { frame: never })).toMatchObject({
      found: null,
      verdict: 'failed',
    });
  });

  it('hold the SQL cleaning to its share, and fail on a rule that nobody counts', () => {
    const removed = [{ rule: 'credits', rowsIn: 100, rowsRemoved: 41 }];
    expect(verdictOf({ check: 'removed', rule: 'credits', max_share: '40%' }, { removed }).verdict).toBe('failed');
    expect(verdictOf({ check: 'removed', rule: 'credits', max_share: '41%' }, { removed }).verdict).toBe('passed');
    expect(
      verdictOf({ check: 'removed', rule: 'credit', max_share: '40%', severity: 'warn' }, { removed }).verdict,
    ).toBe('warned');
  });
});
