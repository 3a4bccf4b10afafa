import fc from 'fast-check';
import Libsql from 'libsql';
import { expect, test } from 'vitest';
import { insertRows } from '../../src/staging/sqlite-insert.ts';

const value = fc.constantFrom(null, 0, 1, 9_007_199_254_740_991, '', '1', "it's", '?1');

test('rows are inserted as they are, whichever columns are the same in all of them', async () => {
  const alike = fc.tuple(fc.tuple(value, value, value), fc.integer({ min: 1, max: 230 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(alike, { maxLength: 4 }),
      fc.array(fc.tuple(value, value, value)),
      async (runs, others) => {
        const rows = [...runs.flatMap(([row, times]) => Array.from({ length: times }, () => row)), ...others];
        const db = new Libsql(':memory:');
        db.exec('create table kept (a, b, c)');
        await insertRows((sql) => db.prepare(sql), { table: 'kept', columns: ['a', 'b', 'c'], rows });
        expect(db.prepare('select a, b, c from kept order by rowid').raw().all()).toEqual(rows);
        db.close();
      },
    ),
    { numRuns: 30 },
  );
});
