import { describe, expect, it } from 'vitest';
import { clusterFigures } from '../../src/analysis/cluster-figures.ts';
import type { Column } from '../../src/frame/column.ts';
import { parseProfilePredicate } from '../../src/job/expression/profile-predicate.ts';

/** Three clusters of three customers, the last also with one that has no days; one customer outside. */
const days = Float64Array.of(10, 20, 30, 100, 110, 120, 400, 500, NaN, 60);
const value = Float64Array.of(1, 2, 3, 50, 60, 70, 4, 5, 6, 99);
const clusterOf = Int32Array.of(0, 0, 0, 1, 1, 1, 2, 2, 2, -1);
const columns = [
  { name: 'days', values: days },
  { name: 'value', values: value },
];
const customers = new Map<string, Column>(columns.map(({ name, values }) => [name, { kind: 'number', values }]));
const figureOf = clusterFigures({ columns, customers, clusterOf, k: 3, value: columns[1] });

function figure(cluster: number, operand: string): number {
  const parsed = parseProfilePredicate(`${operand} > 0`);
  if ('mistake' in parsed || parsed.value.kind !== 'compare') throw new Error(operand);
  return figureOf(cluster, parsed.value.operand);
}

describe('figures of clusters', () => {
  it('are statistics of the customers that have a value', () => {
    expect([0, 1, 2].map((cluster) => figure(cluster, 'days.median'))).toEqual([20, 110, 450]);
    expect(figure(2, 'days.mean')).toBe(450);
    expect(figure(1, 'days.p25')).toBe(105);
    expect(figure(0, 'days.max')).toBe(30);
    // 1.5 of the nine values lie below 20 if half of 20 itself counts.
    expect(figure(0, 'days.pct')).toBeCloseTo((100 * 1.5) / 9, 12);
    // All values 10 20 30 60 100 110 120 400 500: the median is 100.
    expect(figure(1, 'days.index')).toBeCloseTo(110, 12);
    const mean = 1350 / 9;
    const sd = Math.sqrt([10, 20, 30, 60, 100, 110, 120, 400, 500].reduce((sum, x) => sum + (x - mean) ** 2, 0) / 9);
    expect(figure(0, 'days.z')).toBeCloseTo((20 - mean) / sd, 12);
  });

  it('are ranks among all clusters, or among those that satisfy a condition', () => {
    expect([0, 1, 2].map((cluster) => figure(cluster, 'days.median') && figure(cluster, 'rank(days)'))).toEqual([
      1, 2, 3,
    ]);
    expect([0, 1, 2].map((cluster) => figure(cluster, 'rank(value) among (value.median < 50)'))).toEqual([1, NaN, 2]);
  });

  it('are shares of the cluster, of all customers and of all revenue', () => {
    expect(figure(0, 'share(days >= 20)')).toBeCloseTo(2 / 3, 12);
    expect(figure(2, 'share(days >= 20)')).toBeCloseTo(2 / 3, 12);
    expect(figure(1, 'size_share')).toBe(0.3);
    expect(figure(1, 'revenue_share')).toBeCloseTo(180 / 300, 12);
    expect(
      clusterFigures({ columns, customers, clusterOf, k: 3, value: undefined })(0, {
        kind: 'revenue_share',
        span: { start: 0, end: 0 },
      }),
    ).toBeNaN();
  });
});
