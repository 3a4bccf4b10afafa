import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { TestEngine } from './engines.ts';
import { failureOf, readOnce, readSql, valuesOf, withWarehouse } from './reading.ts';

/** The column contract. */
export function describeContract(engine: TestEngine): void {
  const { it } = engine;
  const sql =
    "SELECT 'A1' AS account_id, 3 AS deals, CAST('9.50' AS NUMERIC(10,2)) AS value, DATE '2024-01-02' AS seen";

  it('accepts columns of the promised types, and new ones', async () => {
    const columns = { account_id: 'text', deals: 'number', value: 'money' } as const;
    const frame = await readOnce(engine, sql, { idColumn: 'account_id', columns });
    expect([...frame.columns.keys()]).toEqual(['account_id', 'deals', 'value', 'seen']);
    expect([...frame.columns.values()].map(({ kind }) => kind)).toEqual(['id', 'number', 'number', 'day']);
  });

  it('lists all missing and retyped columns at once', async () => {
    const columns = { account_id: 'number', deals: 'text', seen: 'timestamp', Value: 'money', region: 'text' } as const;
    const error = await failureOf(readOnce(engine, sql, { columns }));
    expect(error.code).toBe('E_COLUMN_CONTRACT');
    expect(error.where).toBe('sql/test/customers.sql');
    for (const part of [
      '"account_id": expected number, got ',
      '"deals": expected text, got ',
      '"seen": expected timestamp, got ',
      '"Value": expected money, got no such column (there is "value", which differs in case)',
      '"region": expected text, got no such column',
    ])
      expect(error.message).toContain(part);
  });

  it('misses the id column', async () => {
    const error = await failureOf(readOnce(engine, sql, { idColumn: 'customer_id' }));
    expect(error.code).toBe('E_COLUMN_CONTRACT');
    expect(error.message).toContain('"customer_id": expected the id');
  });

  it('refuses two columns of one name', async () => {
    const error = await failureOf(readOnce(engine, 'SELECT 1 AS a, 2 AS a, 3 AS b'));
    expect(error.code).toBe('E_COLUMN_CONTRACT');
    expect(error.message).toContain('two columns are named "a"');
  });

  it('refuses a type that has no column kind, naming the column', async () => {
    const error = await failureOf(readOnce(engine, "SELECT 1 AS a, INTERVAL '1 day' AS span"));
    expect(error.code).toBe('E_COLUMN_VALUE');
    expect(error.message).toMatch(/Column "span" is of type (interval|time)/i);
  });

  it('types the columns of an empty result, and checks the contract on it', async () => {
    const empty = `SELECT * FROM (${sql}) AS t WHERE 1 = 0`;
    const frame = await readOnce(engine, empty, { idColumn: 'account_id' });
    expect(frame.rowCount).toBe(0);
    expect([...frame.columns.values()].map(({ kind }) => kind)).toEqual(['id', 'number', 'number', 'day']);
    const error = await failureOf(readOnce(engine, empty, { columns: { deals: 'text' } }));
    expect(error.code).toBe('E_COLUMN_CONTRACT');
  });
}

/** Bound parameters. */
export function describeBindings(engine: TestEngine): void {
  const { it } = engine;

  it('hands back any string it was given, so that a value never becomes SQL', async () => {
    const hostile = ["'; DROP TABLE t; --", '$1', '?', ':name', '\\', '/* */', '%s', '" or 1=1'];
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(...hostile));
    await withWarehouse(engine, (warehouse) =>
      fc.assert(
        fc.asyncProperty(text, async (value) => {
          const frame = await readSql(warehouse, String.raw`SELECT '\?' AS mark, CAST(? AS VARCHAR(1000)) AS x`, {
            bindings: [value],
          });
          expect([valuesOf(frame, 'mark'), valuesOf(frame, 'x')]).toEqual([['?'], [value]]);
        }),
        { numRuns: 50 },
      ),
    );
  });

  it('binds lists, dates, numbers and booleans', async () => {
    const sql = `SELECT i FROM ${engine.series(10)} WHERE i IN (?, ?, ?) AND DATE '2024-01-31' <= ? AND i < CAST(? AS ${engine.double}) AND ? ORDER BY i`;
    const bindings = [2, 3, 9, { date: '2024-01-31' }, 8.5, true];
    expect(valuesOf(await readOnce(engine, sql, { bindings }), 'i')).toEqual([2, 3]);
    const dayBefore = [2, 3, 9, { date: '2024-01-30' }, 8.5, true];
    expect(valuesOf(await readOnce(engine, sql, { bindings: dayBefore }), 'i')).toEqual([]);
  });

  it('takes a bound number of days off a bound date', async () => {
    const sql = 'SELECT CAST(? AS DATE) - CAST(? AS INTEGER) AS day';
    const frame = await readOnce(engine, sql, { bindings: [{ date: '2024-03-01' }, 1] });
    expect(valuesOf(frame, 'day').map((day) => String(day).slice(0, 10))).toEqual(['2024-02-29']);
  });
}

/** Statements that the engine refuses. */
export function describeRefusals(engine: TestEngine): void {
  const { it } = engine;

  it('places an unknown column at its file, line and column, also behind bindings', async () => {
    const sql =
      "SELECT 'é' AS a,\n  '😀' || CAST(? AS VARCHAR(9)) AS b, CAST(? AS INTEGER) + nope AS c\nFROM (SELECT 1 AS x) AS t";
    const error = await failureOf(readOnce(engine, sql, { bindings: ['b', 7] }));
    expect(error.code).toBe('E_SQL_REJECTED');
    expect(error.where).toBe(`sql/test/customers.sql:2:${sql.split('\n')[1]!.indexOf('nope') + 1}`);
    expect(error.message).toContain('nope');
  });

  it('places a syntax error, at the position of the template when the statement knows it', async () => {
    const sql = '/* segtag */ SELECT ? AS a\nFROM FROM t';
    const origins = [
      { offset: 13, line: 1, column: 1 },
      { offset: 21, line: 1, column: 13 },
    ];
    const statement = { file: 'sql/test/customers.sql', sql, bindings: [1], origins };
    const error = await failureOf(
      withWarehouse(engine, (warehouse) => warehouse.read(statement, { timeoutMs: 60_000 })),
    );
    expect(error.code).toBe('E_SQL_REJECTED');
    expect(error.where).toMatch(/^sql\/test\/customers\.sql:2:\d+$/);
  });

  it('says nothing of the values when one of them does not fit', async () => {
    const sql = `SELECT CAST(name AS INTEGER) AS x FROM (SELECT 'Jane "J" O''Brien 4711' AS name FROM ${engine.series(2)}) AS t`;
    const error = await failureOf(readOnce(engine, sql));
    expect(error.code).toBe('E_SQL_REJECTED');
    expect(inspect(error, { depth: 5 })).not.toMatch(/Jane|Brien|4711/);
  });

  it('reports an error that comes after many rows, instead of ending the result early', async () => {
    const late = `CASE WHEN i = 900000 THEN CAST('x' || ${engine.digits('i')} AS INTEGER) ELSE 1 END`;
    const error = await failureOf(readOnce(engine, `SELECT ${late} AS x FROM ${engine.series(1_000_000)}`));
    expect(error.code).toBe('E_SQL_REJECTED');
    expect(inspect(error, { depth: 5 })).not.toContain('x900000');
  });

  it('runs queries only', async () => {
    const error = await failureOf(readOnce(engine, 'CREATE TABLE segtag_forbidden (a INTEGER)'));
    expect(error.code).toBe('E_SQL_REJECTED');
  });
}
