import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeColumn, codedColumns, mismatchSpread, textsIn, unknownTexts } from '../../src/analysis/codings.ts';
import type { TextColumn } from '../../src/frame/column.ts';
import type { Feature } from '../../src/job/schema.ts';

function texts(values: readonly (string | null)[]): TextColumn {
  const dictionary = [...new Set(values.filter((value) => value !== null))];
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value)));
  return { kind: 'text', dictionary, codes };
}

function feature(change: Partial<Feature>): Feature {
  return { transform: 'none', scale: 'zscore', weight: 1, ...change };
}

describe('a column of texts', () => {
  it('with an order counts from 0, and has no number for other texts and nulls', () => {
    const column = texts(['high', 'low', null, 'odd']);
    const [coded] = codedColumns('level', feature({ order: ['low', 'middle', 'high'] }), () => textsIn(column));
    expect(codeColumn(coded!, column)).toEqual({ name: 'level', values: Float64Array.of(2, 0, NaN, NaN) });
  });

  it('of categories becomes a column for each, in a fixed order', () => {
    const column = texts(['b', 'a', 'c', 'a', null]);
    const coded = codedColumns('kind', feature({ categories: 'auto' }), () => textsIn(column));
    expect(coded.map(({ name }) => name)).toEqual(['kind=a', 'kind=b', 'kind=c']);
    expect(codeColumn(coded[0]!, column).values).toEqual(Float64Array.of(0, 1, 0, 1, NaN));
    expect(unknownTexts(coded.slice(0, 2), column)).toBe(1);
  });

  it('of categories adds 1 to the squared distance where two differ, and nothing where they agree', () => {
    const some = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(some, (values) => {
        fc.pre(new Set(values).size > 1);
        const column = texts(values);
        const columns = codedColumns('kind', feature({ categories: 'auto' }), () => textsIn(column)).map((coded) =>
          codeColumn(coded, column),
        );
        const square = columns.reduce((sum, { values: [a, b] }) => sum + ((a! - b!) / mismatchSpread) ** 2, 0);
        expect(square).toBeCloseTo(values[0] === values[1] ? 0 : 1, 12);
      }),
    );
  });

  it('is refused with one text, or with as many as tell nobody apart', () => {
    const refused = (column: TextColumn): unknown => {
      try {
        return codedColumns('kind', feature({ categories: 'auto' }), () => textsIn(column));
      } catch (error) {
        return error;
      }
    };
    expect(refused(texts(['a', 'a']))).toMatchObject({ code: 'E_DEGENERATE_FIT' });
    expect(refused(texts(Array.from({ length: 30 }, (_, i) => `t${i}`)))).toMatchObject({ code: 'E_DEGENERATE_FIT' });
  });
});
