import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsOf } from '../../../src/analysis/kmeans/cells.ts';
import { filterStep } from '../../../src/analysis/kmeans/filter.ts';
import { buildTree } from '../../../src/analysis/kmeans/kd-tree.ts';
import type { StepSums } from '../../../src/analysis/kmeans/chunk.ts';
import { inlineStepper } from '../../../src/analysis/kmeans/stepper.ts';
import type { Matrix } from '../../../src/analysis/matrix.ts';
import { matrixOf } from '../golden.ts';

describe('a step over a tree of the rows', () => {
  it('can be worked out by hand', () => {
    const tree = buildTree(matrixOf([[0], [1], [10], [13]]));
    expect(filterStep(tree, Float64Array.of(0, 10))).toEqual({
      sums: Float64Array.of(1, 23),
      counts: Float64Array.of(2, 2),
      inertia: 10,
    });
  });

  it('is a step over all rows, on whole numbers to the last tie', async () => {
    // Rows and centroids from a small grid: duplicates, constant columns, and centroids equally near or in one place.
    const coordinate = fc.integer({ min: -3, max: 3 });
    const shape = fc.record({ d: fc.integer({ min: 1, max: 5 }), n: fc.integer({ min: 1, max: 250 }) });
    const clouds = shape.chain(({ d, n }) =>
      fc.record({
        rows: fc.array(fc.array(coordinate, { minLength: d, maxLength: d }), { minLength: n, maxLength: n }),
        centroids: fc.array(fc.array(coordinate, { minLength: d, maxLength: d }), { minLength: 1, maxLength: 9 }),
        constant: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(clouds, async ({ rows, centroids, constant }) => {
        const matrix = matrixOf(constant ? rows.map(([, ...others]) => [2, ...others]) : rows);
        const start = Float64Array.from(centroids.flat());
        const byTree = filterStep(buildTree(matrix), start);
        const plain = await plainStep(matrix, start);
        expect(byTree.counts).toEqual(plain.counts);
        expect(byTree.sums).toEqual(plain.sums);
        expect(byTree.inertia).toBeCloseTo(plain.inertia, 8);
      }),
      { numRuns: 300 },
    );
  });

  it('is one but for rounding on any numbers, also where few rows are very large', async () => {
    const value = fc.double({ noNaN: true, min: -9, max: 9 }).map((x) => Math.sign(x) * Math.exp(Math.abs(x)));
    const rows = fc.array(fc.tuple(value, value, value), { minLength: 20, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 12 }), async (points, k) => {
        const matrix = matrixOf(points);
        // Off the rows, so that none is equally far from two centroids but where rows are alike.
        const start = matrix.values.slice(0, 3 * k).map((x, i) => x + Math.sin(i) / 7);
        const byTree = filterStep(buildTree(matrix), start);
        const plain = await plainStep(matrix, start);
        expect(byTree.counts).toEqual(plain.counts);
        const size = matrix.values.reduce((sum, x) => sum + Math.abs(x), 0);
        for (const [i, sum] of plain.sums.entries()) {
          expect(Math.abs(byTree.sums[i]! - sum)).toBeLessThanOrEqual(1e-12 * size);
        }
        expect(Math.abs(byTree.inertia - plain.inertia)).toBeLessThanOrEqual(1e-12 * (plain.inertia + size));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a tree', () => {
  it('has one cell for rows that are alike, however many', () => {
    const { weights } = cellsOf(buildTree(matrixOf(Array.from({ length: 3000 }, () => [0.1, 1 / 3]))), 64);
    expect([...weights]).toEqual([3000]);
  });

  it('keeps every row once, also thousands that are alike and a chain of ever larger ones', async () => {
    const alike = Array.from({ length: 3000 }, (_, i) => [i < 2990 ? 1 : 2, 5]);
    const chain = Array.from({ length: 400 }, (_, i) => [2 ** (i - 200), 0]);
    for (const matrix of [matrixOf(alike), matrixOf(chain)]) {
      const tree = buildTree(matrix);
      const points = (values: Float64Array): string[] =>
        Array.from({ length: matrix.rowCount }, (_, row) => values.subarray(2 * row, 2 * row + 2).join()).toSorted();
      expect(points(tree.values)).toEqual(points(matrix.values));
      const start = Float64Array.of(0, 0, 3, 4, 1e6, 0);
      expect(filterStep(tree, start).counts).toEqual((await plainStep(matrix, start)).counts);
    }
  });

  it('has cells that count for all rows at their means, and one of its own for a row that lies far out', () => {
    const matrix = matrixOf(Array.from({ length: 2000 }, (_, i) => (i === 7 ? [900, 900] : [i % 50, (i * 7) % 31])));
    const { matrix: cells, weights } = cellsOf(buildTree(matrix), 64);
    expect(cells.rowCount).toBeLessThanOrEqual(70);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(2000);
    const alone = cells.values.indexOf(900) / 2;
    expect(weights[alone]).toBe(1);
    expect(cells.values[2 * alone + 1]).toBe(900);
    for (const column of [0, 1]) {
      const total = (values: Float64Array, by: (row: number) => number): number =>
        values.reduce((sum, value, i) => (i % 2 === column ? sum + value * by(Math.floor(i / 2)) : sum), 0);
      expect(total(cells.values, (cell) => weights[cell]!)).toBeCloseTo(
        total(matrix.values, () => 1),
        6,
      );
    }
  });
});

function plainStep(matrix: Matrix, centroids: Float64Array): Promise<StepSums> {
  const k = centroids.length / matrix.columnCount;
  return inlineStepper(matrix).step({ k, centroids, travel: new Float64Array(k), fresh: true });
}
