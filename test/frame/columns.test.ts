import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createColumnBuilder, frameOf } from '../../src/frame/builder.ts';
import { countNulls, isNull, takeRows, type IdColumn } from '../../src/frame/column.ts';
import { columnOf, takeFrameRows } from '../../src/frame/frame.ts';
import { compareIds, idAt, idColumn } from '../../src/frame/id.ts';
import { sortedRows } from '../../src/frame/id-order.ts';

const ids = fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 60 });

describe('a column builder', () => {
  it('gives back the ids it was fed, over several growths', () => {
    const builder = createColumnBuilder('id');
    const fed = Array.from({ length: 5000 }, (_, i) => `kunde-${i}-ä-🙂`);
    for (const id of fed) builder.push(id);
    const column = builder.finish() as IdColumn;
    expect(fed.map((_, row) => idAt(column, row))).toEqual(fed);
  });

  it('tells an empty id from a null one', () => {
    const builder = createColumnBuilder('id');
    builder.push('');
    builder.push(null);
    const column = builder.finish();
    expect([isNull(column, 0), isNull(column, 1)]).toEqual([false, true]);
  });

  it('tells a null number from a NaN', () => {
    const builder = createColumnBuilder('number');
    builder.push(Number.NaN);
    builder.push(null);
    builder.push(-0);
    const column = builder.finish();
    expect([0, 1, 2].map((row) => isNull(column, row))).toEqual([false, true, false]);
    expect(countNulls(column)).toBe(1);
  });

  it('marks no nulls at all where there are none', () => {
    const builder = createColumnBuilder('text');
    builder.push('a');
    expect(builder.finish()).toEqual({ kind: 'text', dictionary: ['a'], codes: Int32Array.of(0) });
  });
});

describe('takeRows', () => {
  it('reorders values and nulls alike', () => {
    const builder = createColumnBuilder('text');
    for (const value of ['a', null, 'b']) builder.push(value);
    const taken = takeRows(builder.finish(), Uint32Array.of(2, 1, 0, 2));
    expect([...(taken as { codes: Int32Array }).codes]).toEqual([1, -1, 0, 1]);
    expect([0, 1, 2, 3].map((row) => isNull(taken, row))).toEqual([false, true, false, false]);
  });

  it('keeps rows together across the columns of a frame', () => {
    const frame = frameOf([
      { name: 'id', column: idColumn(['x', 'yy', 'zzz']) },
      { name: 'n', column: { kind: 'number', values: Float64Array.of(1, 2, 3) } },
    ]);
    const taken = takeFrameRows(frame, Uint32Array.of(2, 0));
    expect(taken.rowCount).toBe(2);
    expect(idAt(columnOf(taken, 'id', 'id'), 0)).toBe('zzz');
    expect([...columnOf(taken, 'n', 'number').values]).toEqual([3, 1]);
  });
});

describe('ids', () => {
  it('sort as their UTF-8 bytes do, whatever order they came in', () => {
    fc.assert(
      fc.property(ids, (values) => {
        const column = idColumn(values);
        const sorted = [...sortedRows(column)].map((row) => idAt(column, row));
        const expected = values.map((value) => Buffer.from(value)).toSorted(Buffer.compare);
        expect(sorted).toEqual(expected.map((bytes) => bytes.toString()));
      }),
    );
  });

  it('compare across two columns', () => {
    const [left, right] = [idColumn(['a', 'b']), idColumn(['b', 'bb'])];
    expect(Math.sign(compareIds(left, 0, right, 0))).toBe(-1);
    expect(compareIds(left, 1, right, 0)).toBe(0);
    expect(Math.sign(compareIds(left, 1, right, 1))).toBe(-1);
  });
});

describe('frameOf', () => {
  it('refuses columns of different lengths and repeated names', () => {
    const one = { kind: 'number', values: Float64Array.of(1) } as const;
    const two = { kind: 'number', values: Float64Array.of(1, 2) } as const;
    expect(() =>
      frameOf([
        { name: 'a', column: one },
        { name: 'b', column: two },
      ]),
    ).toThrow('has 2 rows, not 1');
    expect(() =>
      frameOf([
        { name: 'a', column: one },
        { name: 'a', column: one },
      ]),
    ).toThrow('two columns');
  });
});
