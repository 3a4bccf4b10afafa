import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calinskiHarabasz, daviesBouldin } from '../../src/analysis/quality.ts';
import { separationOf } from '../../src/analysis/separation.ts';
import { silhouetteSq } from '../../src/analysis/silhouette.ts';
import { matrixOf } from './golden.ts';

describe('the figures of how clusters lie apart', () => {
  it('can be worked out by hand: two pairs on a line', () => {
    // Means 0.5 and 10.5. Mean squares of 0 within and without: 1 and (100 + 121) / 2; of 1: 1 and (81 + 100) / 2.
    const { silhouetteSq: silhouette, ...others } = separationOf(matrixOf([[0], [1], [10], [11]]), pairs, 2);
    expect(silhouette).toBeCloseTo((1 - 1 / 110.5 + (1 - 1 / 90.5)) / 2, 12);
    expect(others).toEqual({ calinskiHarabasz: 200, daviesBouldin: 0.1, smallestShare: 0.5 });
  });

  it('are those that are taken one by one', () => {
    const value = fc.integer({ min: -9, max: 9 });
    const rows = fc.array(fc.tuple(value, value, fc.nat(3)), { minLength: 8, maxLength: 60 });
    fc.assert(
      fc.property(rows, (points) => {
        const k = 4;
        // Each cluster has a row at least.
        const labels = Int32Array.from(points, ([, , label], i) => (i < k ? i : label));
        const matrix = matrixOf(points.map(([x, y]) => [x, y]));
        const together = separationOf(matrix, labels, k);
        expect(together.silhouetteSq).toBeCloseTo(silhouetteSq(matrix, labels, k).mean, 9);
        expect(together.calinskiHarabasz).toBeCloseTo(calinskiHarabasz(matrix, labels, k), 9);
        expect(together.daviesBouldin).toBeCloseTo(daviesBouldin(matrix, labels, k), 9);
      }),
    );
  });
});

const pairs = Int32Array.of(0, 0, 1, 1);
