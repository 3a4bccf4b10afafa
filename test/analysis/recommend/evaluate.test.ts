import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateLists } from '../../../src/analysis/recommend/evaluate.ts';

const later = (...products: number[]): Set<number> => new Set(products);

describe('evaluateLists', () => {
  it('gives what a reader can reckon by hand', () => {
    const lists = [[7, 1, 2], [3, 4, 5], [9]];
    const found = evaluateLists(lists, [later(1, 2), later(8), later()], { k: 3, productCount: 20 });
    // Only the first customer is hit, on places 2 and 3; the third bought nothing and tells nothing.
    const gain = (1 / Math.log2(3) + 1 / Math.log2(4)) / (1 / Math.log2(2) + 1 / Math.log2(3));
    expect(found).toEqual({
      customers: 2,
      hitRate: 0.5,
      precision: 2 / 3 / 2,
      map: (1 / 2 + 2 / 3) / 2 / 2,
      ndcg: gain / 2,
      coverage: 7 / 20,
    });
  });

  it('divides average precision by what could be hit: by k where more was bought than is listed', () => {
    const options = { k: 2, productCount: 10 };
    expect(evaluateLists([[1, 2]], [later(1, 2, 3, 4, 5)], options)).toMatchObject({ map: 1, ndcg: 1, precision: 1 });
    expect(evaluateLists([[1, 2]], [later(1)], options)).toMatchObject({ map: 1, ndcg: 1, precision: 0.5 });
  });

  it('looks at the first k only, and says NaN when there is nobody to judge by', () => {
    expect(evaluateLists([[1, 2]], [later(2)], { k: 1, productCount: 4 })).toMatchObject({
      hitRate: 0,
      coverage: 1 / 4,
    });
    expect(evaluateLists([[1]], [later()], { k: 1, productCount: 4 }).hitRate).toBeNaN();
  });

  it('stays between 0 and 1, and is 1 exactly when the list starts with all that was bought', () => {
    const case_ = fc.record({
      list: fc.uniqueArray(fc.nat(9), { minLength: 1 }),
      bought: fc.uniqueArray(fc.nat(9), { minLength: 1 }),
      k: fc.integer({ min: 1, max: 10 }),
    });
    fc.assert(
      fc.property(case_, ({ list, bought, k }) => {
        const { customers, ...scores } = evaluateLists([list], [new Set(bought)], { k, productCount: 10 });
        for (const score of Object.values(scores)) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1 + 1e-12);
        }
        const possible = Math.min(k, bought.length);
        const perfect = list.length >= possible && list.slice(0, possible).every((each) => bought.includes(each));
        expect(Math.abs(scores.map - 1) < 1e-12).toBe(perfect);
        expect(Math.abs(scores.ndcg - 1) < 1e-12).toBe(perfect);
      }),
    );
  });
});
