import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findAlike } from '../../../src/analysis/recommend/alike.ts';

const entry = fc.record({
  product: fc.integer({ min: 0, max: 2 }),
  score: fc.constantFrom(0.5, 1, 1.0000000001),
  origin: fc.constantFrom(-2, -1, 0),
});
const customer = fc.record({
  segment: fc.constantFrom(-1, 0, 1),
  list: fc.array(entry, { maxLength: 2 }),
});

test('customers of a segment with the same list are found, the first of them by row', () => {
  fc.assert(
    fc.property(fc.array(customer, { maxLength: 60 }), (customers) => {
      const entries = customers.flatMap(({ list }) => list);
      let end = 0;
      const offsets = Uint32Array.from([0, ...customers.map(({ list }) => (end += list.length))]);
      const { first, repeats } = findAlike(
        {
          offsets,
          products: Int32Array.from(entries, ({ product }) => product),
          score: Float64Array.from(entries, ({ score }) => score),
          origin: Int32Array.from(entries, ({ origin }) => origin),
        },
        Int32Array.from(customers, ({ segment }) => segment),
      );
      const texts = customers.map((each) => JSON.stringify(each));
      expect([...first]).toEqual(texts.map((text) => texts.indexOf(text)));
      expect([...repeats]).toEqual(
        texts.map((text, row) => Number(texts.indexOf(text) === row && texts.lastIndexOf(text) > row)),
      );
    }),
  );
});
