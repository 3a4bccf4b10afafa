import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inlineStepper } from '../../../../src/analysis/kmeans/stepper.ts';
import type { Matrix } from '../../../../src/analysis/matrix.ts';
import { squareBetween } from './square-between.ts';

/** Whole numbers give ties; the others overflow, underflow, or are no numbers at all. */
const value = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -2, max: 2 }) },
  { weight: 4, arbitrary: fc.double({ noNaN: true, min: -1e3, max: 1e3 }) },
  { weight: 1, arbitrary: fc.constantFrom(-0, 5e-324, -1e-310, 1e-160, 1e155, 1e300, Infinity, -Infinity, NaN) },
);
const finite = value.filter((each) => Number.isFinite(each));

const problem = fc
  .record({
    columnCount: fc.integer({ min: 1, max: 9 }),
    k: fc.integer({ min: 1, max: 12 }),
    rowCount: fc.integer({ min: 1, max: 128 }),
    weighted: fc.boolean(),
  })
  .chain(({ columnCount, k, rowCount, weighted }) => {
    const numbers = (of: fc.Arbitrary<number>, length: number) =>
      fc.array(of, { minLength: length, maxLength: length }).map((array) => Float64Array.from(array));
    return fc.record({
      matrix: numbers(value, rowCount * columnCount).map((values) => ({ rowCount, columnCount, values })),
      weights: weighted ? numbers(fc.double({ min: 0.5, max: 9, noNaN: true }), rowCount) : fc.constant(null),
      centroids: numbers(finite, k * columnCount),
    });
  });

describe('a step', () => {
  it('finds, bit for bit, what a plain loop over the rows of a block does', async () => {
    await fc.assert(
      fc.asyncProperty(problem, async ({ matrix, weights, centroids }) => {
        const k = centroids.length / matrix.columnCount;
        const stepper = inlineStepper(matrix, weights);
        const sums = await stepper.step({ k, centroids, travel: new Float64Array(k), fresh: true });
        const expected = plainStep(matrix, weights, centroids);
        expect({ ...sums, labels: stepper.labels }).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('goes over all blocks and pieces, and over rows that are odd in number', async () => {
    for (const [rowCount, columnCount, k] of [
      [16_385, 3, 4],
      [2_049, 8, 5],
      [1_025, 2, 40],
      [5_001, 1, 300],
    ] as const) {
      // Sums of whole numbers are the same in any order.
      const values = Float64Array.from({ length: rowCount * columnCount }, (_, i) => (i * 7919) % 1_009);
      const matrix = { rowCount, columnCount, values };
      const centroids = Float64Array.from({ length: k * columnCount }, (_, i) => (i * 104_729) % 1_013);
      const stepper = inlineStepper(matrix);
      const sums = await stepper.step({ k, centroids, travel: new Float64Array(k), fresh: true });
      expect({ ...sums, labels: stepper.labels }).toEqual(plainStep(matrix, null, centroids));
    }
  });
});

function plainStep({ rowCount, columnCount, values }: Matrix, weights: Float64Array | null, centroids: Float64Array) {
  const k = centroids.length / columnCount;
  const result = {
    sums: new Float64Array(k * columnCount),
    counts: new Float64Array(k),
    inertia: 0,
    labels: new Int32Array(rowCount),
  };
  for (let row = 0; row < rowCount; row++) {
    const point = values.subarray(row * columnCount, (row + 1) * columnCount);
    const weight = weights?.[row] ?? 1;
    let label = 0;
    let nearest = Infinity;
    for (let cluster = 0; cluster < k; cluster++) {
      const square = squareBetween(point, centroids.subarray(cluster * columnCount));
      if (square < nearest) [label, nearest] = [cluster, square];
    }
    result.labels[row] = label;
    result.inertia += weight * nearest;
    result.counts[label]! += weight;
    for (const [column, each] of point.entries()) result.sums[label * columnCount + column]! += weight * each;
  }
  return result;
}
