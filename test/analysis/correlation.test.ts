import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleCorrelation } from 'simple-statistics';
import { correlatedPairs } from '../../src/analysis/correlation.ts';
import type { Matrix } from '../../src/analysis/matrix.ts';

function matrix(columns: readonly (readonly number[])[]): Matrix {
  const rowCount = columns[0]!.length;
  const values = Array.from({ length: rowCount }, (_, row) => columns.map((column) => column[row]!)).flat();
  return { rowCount, columnCount: columns.length, values: Float64Array.from(values) };
}

describe('correlated columns', () => {
  it('are found where one repeats the other, upright or upside down', () => {
    const pairs = correlatedPairs(matrix([[1, 2, 3, 4], [5, 1, 4, 2], [-10, -20, -30, -40], [7, 7, 7, 7]]), 0.9); // prettier-ignore
    expect(pairs).toEqual([{ a: 0, b: 2, r: expect.closeTo(-1, 12) as number }]);
  });

  it("have Pearson's coefficient", () => {
    const column = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(column, column, (a, b) => {
        fc.pre(new Set(a).size > 1 && new Set(b).size > 1);
        const [pair] = correlatedPairs(matrix([a, b]), 0);
        expect(pair?.r ?? 0).toBeCloseTo(sampleCorrelation(a, b), 9);
      }),
    );
  });
});
