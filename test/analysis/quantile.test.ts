import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanAndSd, medianAndMad, quantile, sortedCopy } from '../../src/analysis/quantile.ts';
import { dataIsThere, readColumns, readJson } from './golden.ts';

describe('quantile', () => {
  it('interpolates linearly between the neighbours of (n - 1) p', () => {
    const sorted = Float64Array.of(10, 20, 40, 80);
    expect([0, 0.25, 0.5, 0.9, 1].map((p) => quantile(sorted, p))).toEqual([10, 17.5, 30, 68, 80]);
  });

  it.skipIf(!dataIsThere)('agrees with R on the edges of mtcars and of customer orders', () => {
    const golden = readJson<{ r_rfm: { rfm_data_orders_2006_12_31: { edges: { m: number[] } } } }>(
      'golden/analysis.json',
    );
    const [revenue] = readColumns('rfm-r/expected/orders_scores.csv.gz', ['amount']);
    const sorted = sortedCopy(revenue!.values);
    const edges = [0.2, 0.4, 0.6, 0.8].map((p) => quantile(sorted, p) + 1);
    expect(edges.map((edge) => Number(edge.toFixed(9)))).toEqual(golden.r_rfm.rfm_data_orders_2006_12_31.edges.m);
  });

  it('lies between its neighbours and rises with p', () => {
    const values = fc.float64Array({ minLength: 1, maxLength: 40, noNaN: true, min: -1e9, max: 1e9 });
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(values, p, p, (sample, a, b) => {
        const sorted = sortedCopy(sample);
        const [lower, upper] = [quantile(sorted, Math.min(a, b)), quantile(sorted, Math.max(a, b))];
        expect(lower).toBeGreaterThanOrEqual(sorted[0]!);
        expect(upper).toBeLessThanOrEqual(sorted.at(-1)! + 1e-6);
        expect(lower).toBeLessThanOrEqual(upper + 1e-6);
      }),
    );
  });

  it('refuses an empty sample', () => {
    expect(() => quantile(new Float64Array(), 0.5)).toThrow();
  });
});

describe('moments', () => {
  it('use the population standard deviation and the unscaled MAD', () => {
    expect(meanAndSd(Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9))).toEqual({ mean: 5, sd: 2 });
    expect(medianAndMad(Float64Array.of(1, 1, 2, 2, 4, 6, 9))).toEqual({ median: 2, mad: 1 });
  });

  it('leave the values they sort as they are', () => {
    const values = Float64Array.of(3, 1, 2);
    expect([...sortedCopy(values)]).toEqual([1, 2, 3]);
    expect([...values]).toEqual([3, 1, 2]);
  });
});
