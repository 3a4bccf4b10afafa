import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exchangeRows } from '../../../src/analysis/kmeans/exchange.ts';
import { fitKmeans } from '../../../src/analysis/kmeans/fit.ts';
import { nearestCentroids } from '../../../src/analysis/kmeans/nearest.ts';
import { fewPoints } from '../../../src/analysis/kmeans/points.ts';
import { inlineStepper } from '../../../src/analysis/kmeans/stepper.ts';
import { matrixOf } from '../golden.ts';

/** Whole numbers on a line, most of them many times. */
const counts = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 6, maxLength: 14 });
const rowsOf = (counted: readonly number[]): number[][] =>
  counted.flatMap((count, value) => Array.from({ length: count }, () => [value]));

describe('rows at few points', () => {
  it('are counted where they lie, in the order in which each point comes first', () => {
    const matrix = matrixOf([
      [2, 0],
      [1, 1],
      [2, -0],
      [2, 0],
      [1, 1],
    ]);
    const { matrix: points, weights } = fewPoints(matrix)!;
    expect([...points.values]).toEqual([2, 0, 1, 1]);
    expect([...weights]).toEqual([3, 2]);
  });

  it('are no few where half of the rows lie alone, or where points are more than a thousand', () => {
    expect(fewPoints(matrixOf([[1], [2], [3], [3], [3], [3]]))).toBeDefined();
    expect(fewPoints(matrixOf([[1], [2], [3], [3], [3]]))).toBeUndefined();
    const twice = (points: number) => matrixOf(Array.from({ length: 2 * points }, (_, row) => [row % points]));
    expect(fewPoints(twice(1024))!.weights).toHaveLength(1024);
    expect(fewPoints(twice(1025))).toBeUndefined();
  });

  it('are split as no split of a line is better, from few restarts', async () => {
    await fc.assert(
      fc.asyncProperty(
        counts,
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 1, max: 99 }),
        async (counted, k, seed) => {
          const rows = rowsOf(counted);
          fc.pre(counted.filter((count) => count > 0).length >= k && rows.length >= 2 * counted.length);
          const { inertia, sizes } = await fitKmeans({ matrix: matrixOf(rows), k, seed, restarts: 5 });
          expect(inertia).toBeCloseTo(leastInertia(counted, k), 6);
          expect(sizes.reduce((all, size) => all + size)).toBe(rows.length);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('are split alike where there are too many rows for each start to see them all', async () => {
    const counted = [815, 938, 893, 895, 656, 103, 51, 7, 13, 1].map((count) => 3 * count);
    const fit = await fitKmeans({ matrix: matrixOf(rowsOf(counted)), k: 7, seed: 4, restarts: 5 });
    expect(fit.inertia).toBeCloseTo(leastInertia(counted, 7), 6);
  });

  it('change clusters together where that is better for all, and never for the worse', async () => {
    await fc.assert(
      fc.asyncProperty(counts, async (counted) => {
        fc.pre(counted.filter((count) => count > 0).length >= 3);
        const kinds = counted.flatMap((count, value) => (count > 0 ? [[value]] : []));
        const matrix = matrixOf(kinds);
        const stepper = inlineStepper(matrix, Float64Array.from(counted.filter((count) => count > 0)));
        const start = matrix.values.slice(0, 3);
        const { labels } = await nearestCentroids(matrix, start, stepper);
        const means = exchangeRows(matrix, labels, start, stepper.weights);
        const [before, after] = [start, means].map((centroids) => spread(counted, centroids));
        expect(after).toBeLessThanOrEqual(before! + 1e-6);
      }),
    );
  });
});

/** The inertia of these values at these centroids. */
function spread(counted: readonly number[], centroids: Float64Array): number {
  return counted.reduce(
    (sum, count, value) => sum + count * Math.min(...Array.from(centroids, (centroid) => (value - centroid) ** 2)),
    0,
  );
}

/** Of all splits of a line into k runs of values, by trying each last run (Bellman, 1973). */
function leastInertia(counted: readonly number[], k: number): number {
  const within = (from: number, to: number): number => {
    const run = counted.slice(from, to);
    const size = run.reduce((sum, count) => sum + count, 0);
    const mean = run.reduce((sum, count, i) => sum + count * i, 0) / Math.max(1, size);
    return run.reduce((sum, count, i) => sum + count * (i - mean) ** 2, 0);
  };
  let least = counted.map((_, i) => within(0, i + 1));
  for (let runs = 2; runs <= k; runs++)
    least = counted.map((_, i) =>
      Math.min(...Array.from({ length: i }, (_, j) => least[j]! + within(j + 1, i + 1)), i === 0 ? 0 : Infinity),
    );
  return least.at(-1)!;
}
