import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileClusters, valueShares } from '../../src/analysis/profile.ts';

describe('a profile', () => {
  const columns = [
    { name: 'recency_days', values: Float64Array.of(1, 2, 3, 100, 200, 300, 9999) },
    { name: 'value', values: Float64Array.of(10, 10, 40, 10, 0, 0, 0) },
  ];
  const labels = Int32Array.of(0, 0, 0, 1, 1, 1, -1);
  const profiles = profileClusters(columns, labels, 2);

  it('can be worked out by hand, in raw units; an outlier counts among all customers only', () => {
    expect(profiles[0]).toMatchObject({ cluster: 0, n: 3, share: 3 / 7 });
    // One customer of seven lies below 2 days, one is at it: (1 + 0.5) / 7
    expect(profiles[0]?.features[0]).toEqual({
      column: 'recency_days',
      mean: 2,
      median: 2,
      p10: 1.2,
      p90: 2.8,
      min: 1,
      max: 3,
      pct: (100 * 1.5) / 7,
      index: 2,
      rank: 1,
    });
    expect(profiles[1]?.features[0]).toMatchObject({ median: 200, pct: (100 * 4.5) / 7, rank: 2 });
  });

  it('gives equal values the mean of their ranks', () => {
    // Three zeros below, three tens equal, of seven
    expect(profiles[0]?.features[1]).toMatchObject({ median: 10, pct: (100 * 4.5) / 7, index: 100 });
  });

  it('has no index where the median of all is 0, and no statistics for an empty cluster', () => {
    const zero = profileClusters([{ name: 'x', values: Float64Array.of(0, 0, 5) }], Int32Array.of(0, 0, 0), 2);
    expect(zero[0]?.features[0]?.index).toBeNull();
    expect(zero[1]).toMatchObject({ n: 0, share: 0 });
    expect(zero[1]?.features[0]?.pct).toBeNaN();
  });

  it('shares out a total', () => {
    expect(valueShares(columns[1]!.values, labels, 2)).toEqual([60 / 70, 10 / 70]);
    expect(valueShares(Float64Array.of(0, 0), Int32Array.of(0, 1), 2)).toEqual([0, 0]);
    expect(valueShares(Float64Array.of(1, NaN, 3, Infinity), Int32Array.of(0, 0, 1, 1), 2)).toEqual([0.25, 0.75]);
  });

  it('holds a cluster against the median of all customers, those in none included', () => {
    const customers = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -1, max: 2 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(customers, (rows) => {
        const values = rows.map(([value]) => value);
        const sorted = values.toSorted((a, b) => a - b);
        const middle = (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
        const labels = Int32Array.from(rows, ([, label]) => label);
        const profiled = profileClusters([{ name: 'x', values: Float64Array.from(values) }], labels, 3);
        for (const { n, features } of profiled)
          if (n > 0) expect(features[0]!.index).toBeCloseTo((100 * features[0]!.median) / middle, 9);
      }),
    );
  });

  it('doesn’t depend on the order of customers', () => {
    const customers = fc.array(
      fc.tuple(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.integer({ min: -1, max: 2 })),
      {
        minLength: 1,
        maxLength: 900,
      },
    );
    fc.assert(
      fc.property(customers, (rows) => {
        const of = (order: typeof rows): unknown =>
          profileClusters(
            [{ name: 'x', values: Float64Array.from(order, ([value]) => value) }],
            Int32Array.from(order, ([, label]) => label),
            3,
          );
        expect(of(rows.toReversed())).toEqual(of(rows));
      }),
      { numRuns: 60 },
    );
  });
});
