import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createColumnBuilder, frameOf } from '../../src/frame/builder.ts';

const bits = (flags: readonly boolean[]): Uint8Array => {
  const mask = new Uint8Array(Math.ceil(flags.length / 8));
  for (const [i, flag] of flags.entries()) if (flag) mask[i >> 3]! |= 1 << (i & 7);
  return mask;
};

const nullable = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<(T | null)[][]> =>
  fc.array(fc.array(fc.option(value, { freq: 3 }), { maxLength: 700 }), { maxLength: 5 });

describe('a column builder', () => {
  it('has no negative zero, however it came', () => {
    const builder = createColumnBuilder('number');
    builder.push(-0);
    builder.pushRun(new Float64Array([-0, -1, Number.NaN]));
    expect(builder.finish()).toMatchObject({ values: new Float64Array([0, 0, -1, Number.NaN]) });
  });

  it('makes the same numbers of runs as of single values', () => {
    fc.assert(
      fc.property(nullable(fc.integer()), (runs) => {
        const [single, whole] = [createColumnBuilder('number'), createColumnBuilder('number')];
        for (const run of runs) {
          for (const value of run) single.push(value);
          whole.pushRun(
            Int32Array.from(run, (value) => value ?? 77),
            bits(run.map((value) => value !== null)),
          );
        }
        expect(whole.finish()).toEqual(single.finish());
      }),
      { numRuns: 30 },
    );
  });

  it.each(['text', 'number', 'day'] as const)('knows the nulls of a long column of %s, and no others', (kind) => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(9_999), { maxLength: 200 }),
        fc.integer({ min: 0, max: 10_000 }),
        (rows, length) => {
          const empty = new Set(rows);
          const builder = createColumnBuilder(kind);
          for (let row = 0; row < length; row++)
            (builder.push as (value: unknown) => void)(empty.has(row) ? null : kind === 'text' ? 'a' : 1);
          const { nulls } = builder.finish();
          const found = Array.from({ length }, (_, row) => row).filter((row) => nulls?.[row] === 1);
          expect(found).toEqual(rows.filter((row) => row < length).toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('leaves out the null mask of runs without nulls', () => {
    const days = createColumnBuilder('day');
    days.pushRun(new Int32Array([1, 2]));
    days.pushRun(new Int32Array([3]), bits([true]));
    expect(days.finish()).toEqual({ kind: 'day', values: new Int32Array([1, 2, 3]) });
    const flags = createColumnBuilder('boolean');
    flags.pushRun(new Uint8Array([1, 0]));
    flags.push(true);
    expect(flags.finish()).toEqual({ kind: 'boolean', values: new Uint8Array([1, 0, 1]) });
    const moments = createColumnBuilder('timestamp');
    moments.pushRun(new BigInt64Array([5n, 6n]), bits([false, true]));
    const nulls = new Uint8Array([1, 0]);
    expect(moments.finish()).toEqual({ kind: 'timestamp', values: new BigInt64Array([0n, 6n]), nulls });
  });

  it('makes the same ids of bytes as of text', () => {
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.array(fc.option(fc.string({ unit: 'grapheme' })), { maxLength: 3000 }), (ids) => {
        const [text, bytes] = [createColumnBuilder('id'), createColumnBuilder('id')];
        for (const id of ids) {
          text.push(id);
          if (id === null) bytes.push(null);
          else bytes.pushBytes(encoder.encode(`<${id}>`), 1, encoder.encode(id).length + 1);
        }
        expect(bytes.finish()).toEqual(text.finish());
      }),
      { numRuns: 20 },
    );
  });

  it('codes a text once', () => {
    const words = createColumnBuilder('text');
    const code = words.codeOf('even');
    words.pushCode(code);
    words.push('odd');
    words.push(null);
    words.push('even');
    const nulls = new Uint8Array([0, 0, 1, 0]);
    expect(words.finish()).toEqual({
      kind: 'text',
      dictionary: ['even', 'odd'],
      codes: new Int32Array([0, 1, -1, 0]),
      nulls,
    });
  });
});

describe('a frame', () => {
  it('takes columns of one length, each name once', () => {
    const column = createColumnBuilder('number').finish();
    expect(frameOf([{ name: 'a', column }]).rowCount).toBe(0);
    expect(() =>
      frameOf([
        { name: 'a', column },
        { name: 'a', column },
      ]),
    ).toThrow('two columns');
    const longer = createColumnBuilder('number');
    longer.push(1);
    expect(() =>
      frameOf([
        { name: 'a', column },
        { name: 'b', column: longer.finish() },
      ]),
    ).toThrow('has 1 rows, not 0');
  });
});
