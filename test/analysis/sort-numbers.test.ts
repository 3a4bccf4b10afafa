import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortNumbers } from '../../src/analysis/sort-numbers.ts';

describe('sorting numbers', () => {
  const sizes = { minLength: 0, maxLength: 600, size: 'max' } as const;
  const whole = fc.integer({ min: -400, max: 400 });
  const kinds = {
    'whole numbers near each other': whole,
    'whole numbers and -0': fc.oneof(whole, fc.constant(-0)),
    'whole numbers far from each other': fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    'numbers of any kind, NaN among them': fc.double(),
    'numbers of any kind but NaN': fc.double({ noNaN: true }),
  };

  it.each(Object.entries(kinds))('puts %s in the order of the language itself', (_, value) => {
    fc.assert(
      fc.property(fc.array(value, sizes), fc.nat(3), (values, skipped) => {
        // A view, as of one column of several in the same memory.
        const all = Float64Array.from(values);
        const some = all.subarray(Math.min(skipped, all.length));
        const expected = some.slice().sort();
        expect(sortNumbers(some)).toBe(some);
        // Not only equal: 0 and -0 are told apart.
        expect([...some].every((each, i) => Object.is(each, expected[i]))).toBe(true);
        expect([...all.subarray(0, all.length - some.length)]).toEqual(values.slice(0, all.length - some.length));
      }),
    );
  });
});
