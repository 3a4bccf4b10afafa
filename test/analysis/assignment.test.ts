import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestMatching } from '../../src/analysis/assignment.ts';
import { dataIsThere, readJson } from './golden.ts';

describe('the best matching', () => {
  it.skipIf(!dataIsThere)('is the textbook’s', () => {
    const { cost, cols, total } = readJson<{ hungarian: { cost: number[][]; cols: number[]; total: number } }>(
      'golden/analysis.json',
    ).hungarian;
    const matching = bestMatching(cost.map((row) => row.map((value) => 10 - value)));
    expect(matching.columnOf).toEqual(cols);
    expect(30 - matching.total).toBeCloseTo(total, 9);
  });

  it('has the highest total of all, leaves what scores nothing alone, and takes any shape', () => {
    const scores = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).chain(([rows, columns]) =>
      fc.array(fc.array(fc.double({ min: -0.2, max: 1, noNaN: true }), { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      }),
    );
    fc.assert(
      fc.property(scores, (matrix) => {
        const { columnOf, total } = bestMatching(matrix);
        expect(total).toBeCloseTo(bruteForce(matrix, 0, new Set()), 6);
        const made = columnOf.flatMap((column, row) => (column === null ? [] : [matrix[row]![column]!]));
        expect(made.every((score) => score > 0)).toBe(true);
        expect(made.reduce((sum, score) => sum + score, 0)).toBeCloseTo(total, 6);
      }),
    );
  });

  it('of nothing is nothing', () => {
    expect(bestMatching([])).toEqual({ columnOf: [], total: 0 });
    expect(bestMatching([[], []])).toEqual({ columnOf: [null, null], total: 0 });
  });
});

function bruteForce(scores: readonly (readonly number[])[], row: number, used: ReadonlySet<number>): number {
  if (row === scores.length) return 0;
  const without = bruteForce(scores, row + 1, used);
  const withOne = scores[row]!.map((score, column) =>
    used.has(column) || score <= 0 ? 0 : score + bruteForce(scores, row + 1, new Set([...used, column])),
  );
  return Math.max(without, ...withOne);
}
