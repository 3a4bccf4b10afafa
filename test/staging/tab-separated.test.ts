import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTabSeparated, tabSeparated } from '../../src/staging/tab-separated.ts';

const value = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll('\0', '')),
  fc.string({ unit: fc.constantFrom('\\', 'N', '\t', '\n', '\r', 'é'), maxLength: 6 }),
);

test('rows come back as they were written, wherever packets end', async () => {
  const rows = fc.array(fc.array(value, { minLength: 2, maxLength: 2 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(rows, fc.array(fc.nat(60)), async (written, cuts) => {
      const whole = Buffer.concat([...tabSeparated(written)]);
      const read: (string | null)[][] = [];
      await readTabSeparated(packetsOf(whole, cuts), (row) => read.push([...row]));
      expect(read).toEqual(written);
    }),
  );
});

test('the escapes that COPY alone writes are read', async () => {
  const read: (string | null)[][] = [];
  await readTabSeparated(packetsOf(Buffer.from('a\\bc\\f\t\\v\n'), []), (row) => read.push([...row]));
  expect(read).toEqual([['a\bc\f', '\v']]);
});

async function* packetsOf(whole: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (const length of cuts) {
    yield whole.subarray(start, start + length);
    start += length;
  }
  yield whole.subarray(start);
}
