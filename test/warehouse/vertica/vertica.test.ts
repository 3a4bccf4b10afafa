import { describe, expect, it } from 'vitest';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';
import { failureOf, valuesOf } from '../reading.ts';
import { digitSeries, openTestVertica, statement, within } from '../vertica-client.ts';
import { cleanups } from './sessions.ts';
import { soonMs } from '../../support/patience.ts';

describe('Vertica: the server that SEGTAG_TEST_VERTICA_URL names, or the stand-in,', () => {
  const heavySeries = statement(
    `SELECT count(*) AS n FROM ${digitSeries(1_000_000)} CROSS JOIN (SELECT i AS j FROM ${digitSeries(100_000)}) AS other WHERE MOD(i * j, 7) = 3`,
  );

  async function onServer(): Promise<Warehouse> {
    const warehouse = await openTestVertica();
    cleanups.push(warehouse.close);
    return warehouse;
  }

  it('types a bare question mark by what it is compared with', async () => {
    const warehouse = await onServer();
    const sql = `SELECT i FROM ${digitSeries(10)} WHERE i > ? AND CAST(i AS VARCHAR(9)) <> ? AND DATE '2024-01-31' <= ?
      AND CAST(i AS FLOAT) < ? ORDER BY i LIMIT ?`;
    const frame = await warehouse.read(statement(sql, [1, '3', { date: '2024-01-31' }, 8.5, 4]), within);
    expect(valuesOf(frame, 'i')).toEqual([2, 4, 5, 6]);
  });

  it('runs one prepared statement again with other values, and another after an error of it', async () => {
    const warehouse = await onServer();
    const sql = 'SELECT CAST(? AS INT) AS x';
    for (const value of ['1', '2']) {
      const frame = await warehouse.read(statement(sql, [value]), within);
      expect(valuesOf(frame, 'x')).toEqual([Number(value)]);
    }
    expect((await failureOf(warehouse.read(statement(sql, ['none']), within))).code).toBe('E_SQL_REJECTED');
    expect(valuesOf(await warehouse.read(statement(sql, ['3']), within), 'x')).toEqual([3]);
  });

  it('writes nothing', async () => {
    const error = await failureOf((await onServer()).read(statement('CREATE TABLE segtag_no (a INT)'), within));
    expect(error.code).toMatch(/E_SQL_REJECTED|E_GRANT_MISSING/);
  });

  it('stops a query at its limit and on an abort, and the session goes on', async () => {
    const warehouse = await onServer();
    expect((await failureOf(warehouse.read(heavySeries, { timeoutMs: 1000 }))).code).toBe('E_WAREHOUSE_TIMEOUT');
    const begun = performance.now();
    const aborted = warehouse.read(heavySeries, { ...within, signal: AbortSignal.timeout(300) });
    await expect(aborted).rejects.toThrow('aborted');
    expect(performance.now() - begun).toBeLessThan(soonMs);
    expect(valuesOf(await warehouse.read(statement('SELECT 1 AS one'), within), 'one')).toEqual([1]);
  });

  it('says where a mistake stands', async () => {
    const warehouse = await onServer();
    const misspelt = await failureOf(warehouse.read(statement('SELECT 1 AS a\nFORM t'), within));
    expect([misspelt.code, misspelt.where]).toEqual(['E_SQL_REJECTED', expect.stringContaining('customers.sql:2')]);
    const absent = await failureOf(warehouse.read(statement('SELECT 1 AS a\nFROM segtag_no_such_table'), within));
    expect([absent.code, absent.where]).toEqual(['E_SQL_REJECTED', expect.stringContaining('customers.sql:2:6')]);
  });

  it('lets reads that start together take turns', async () => {
    const warehouse = await onServer();
    const frames = await Promise.all(
      [1, 2, 3].map((i) => warehouse.read(statement('SELECT CAST(? AS INT) AS i', [i]), within)),
    );
    expect(frames.flatMap((frame) => valuesOf(frame, 'i'))).toEqual([1, 2, 3]);
  });

  it('keeps one statement to a file', async () => {
    const error = await failureOf((await onServer()).read(statement('SELECT 1 AS a; SELECT 2 AS a'), within));
    expect(error.code).toBe('E_SQL_REJECTED');
    expect(error.message).toContain('more than one statement');
  });
});
