import { describe, expect, it } from 'vitest';
import { curveOfK } from '../../../src/analysis/choosing-k/k-curve.ts';
import { clusterByKmeans } from '../../../src/analysis/choosing-k/cluster-sample.ts';
import { countByBands } from '../../../src/analysis/portrait/heat-map.ts';
import { sampleScatter } from '../../../src/analysis/portrait/scatter-sample.ts';
import { seededRandom } from '../../../src/analysis/random.ts';

const column = (name: string, values: readonly number[]) => ({ name, values: Float64Array.from(values) });

describe('the sample of the scatter', () => {
  const count = 1000;
  const input = {
    x: column(
      'days',
      Array.from({ length: count }, (_, i) => i),
    ),
    y: column(
      'value',
      Array.from({ length: count }, (_, i) => i * 1.23456),
    ),
    groupOf: Int32Array.from({ length: count }, (_, i) => (i < 3 ? 2 : i < 110 ? 0 : i < 990 ? 1 : -1)),
    groupCount: 3,
    leastGroup: 5,
    size: 200,
    seed: 1,
  };

  it('takes each group in proportion, the same ones each time, rounded to three digits', () => {
    const sample = sampleScatter(input);
    expect(sampleScatter(input)).toEqual(sample);
    const sizes = [0, 1, 2].map((group) => sample.dots.filter(([of]) => of === group).length);
    // 107 and 880 of 987; three customers are too few to be drawn, ten have no group.
    expect(sizes).toEqual([Math.floor((107 / 987) * 200), Math.floor((880 / 987) * 200), 0]);
    expect({ customers: sample.customers, left_out: sample.left_out }).toEqual({ customers: 987, left_out: 13 });
    for (const [, days, value] of sample.dots) expect(value).toBe(Number((days * 1.23456).toPrecision(3)));
  });

  it('leaves out whom a logarithm or a missing value does not allow, and counts them', () => {
    const odd = {
      ...input,
      y: column(
        'value',
        [...input.y.values].map((v, i) => (i === 500 ? 0 : i === 501 ? NaN : v)),
      ),
    };
    expect(sampleScatter(odd).left_out).toBe(15);
  });
});

describe('the heat map', () => {
  it('counts every customer once, in bands of which none at the ends is empty', () => {
    const map = countByBands(column('recency_days', [0, 30, 31, 90, 200, NaN]), column('orders', [1, 1, 2, 5, 10, 1]));
    expect(map.xBands).toEqual([
      { from: null, below: 31 },
      { from: 31, below: 91 },
      { from: 91, below: 181 },
      { from: 181, below: null },
    ]);
    expect(map.counts).toEqual([
      [2, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 0, 1],
    ]);
    expect(map.left_out).toBe(1);
  });
});

describe('the curve of k', () => {
  it('is highest where there are as many groups, and falls from there', async () => {
    const random = seededRandom(3);
    const rows = Array.from({ length: 90 }, (_, i) => [
      (i % 3) * 10 + random.float(),
      (i % 3 === 1 ? 10 : 0) + random.float(),
    ]);
    const matrix = { rowCount: 90, columnCount: 2, values: Float64Array.from(rows.flat()) };
    const curve = await curveOfK({ matrix, ks: [2, 3, 4, 5], seed: 1, clusterSample: clusterByKmeans });
    expect(curve.toSorted((a, b) => b.silhouette - a.silhouette)[0]!.k).toBe(3);
    expect(curve.map(({ inertia }) => inertia)).toEqual(curve.map(({ inertia }) => inertia).toSorted((a, b) => b - a));
  });

  it('leaves out more clusters than there are different rows', async () => {
    const matrix = { rowCount: 6, columnCount: 1, values: Float64Array.of(1, 1, 5, 5, 9, 9) };
    const curve = await curveOfK({ matrix, ks: [2, 3, 4, 5], seed: 1, clusterSample: clusterByKmeans });
    expect(curve.map(({ k }) => k)).toEqual([2, 3]);
  });
});
