import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import mysql from 'mysql2/promise';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { bindTemplate } from '../../../src/warehouse/template/bind-template.ts';
import { compileStatement, type CompiledStatement } from '../../../src/warehouse/template/compile-statement.ts';
import type { Dialect } from '../../../src/warehouse/warehouse.ts';
import { itWithMysql, itWithPostgres, mysqlUrl, postgresUrl } from '../../support/engines.ts';

type Run = (statement: CompiledStatement) => Promise<unknown>;

/** The value, a literal with everything that looks like a parameter, and another value in a list. */
function statementWith(dialect: Dialect, value: string): CompiledStatement {
  const textType = dialect === 'mysql' ? 'char' : 'text';
  const bound = bindTemplate({
    file: 'sql/echo/customers.sql',
    text: `select cast(:value as ${textType}) as echo, ':value ? :list; --' as literal -- ':value\nwhere 'x' in (:list);`,
    params: { value, list: ['x', value] },
    identifiers: {},
    builtin: { as_of: '2026-06-30', run_id: 'echo-1' },
    dialect,
    label: 'echo',
  });
  return compileStatement(bound, dialect);
}

async function echoesAnyText(dialect: Dialect, run: Run): Promise<void> {
  const hostile = fc.constantFrom(
    "'; drop table t; --",
    String.raw`\'`,
    '$1',
    '?',
    ':value',
    '*/',
    '"',
    '`',
    '\n',
    '😀',
  );
  // PostgreSQL's text cannot hold a NUL, whatever the way it is sent.
  const text = fc
    .array(fc.oneof(hostile, fc.string({ unit: 'binary' })))
    .map((parts) => parts.join('').replaceAll('\0', ''));
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      expect(await run(statementWith(dialect, value))).toEqual({ echo: value, literal: ':value ? :list; --' });
    }),
    { numRuns: 60 },
  );
}

describe('a bound text', () => {
  it('comes back from DuckDB as it was sent', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await echoesAnyText('duckdb', async ({ sql, values }) => {
      const reader = await connection.runAndReadAll(sql, [...values]);
      return reader.getRowObjectsJS()[0];
    });
    connection.closeSync();
  });

  itWithPostgres('comes back from PostgreSQL as it was sent', async () => {
    const client = new Client({ connectionString: postgresUrl().href });
    await client.connect();
    await echoesAnyText('postgres', async ({ sql, values }) => {
      const result = await client.query<Record<string, unknown>>(sql, [...values]);
      return result.rows[0];
    });
    await client.end();
  });

  itWithMysql('comes back from MariaDB as it was sent', async () => {
    const connection = await mysql.createConnection({ uri: mysqlUrl().href, charset: 'utf8mb4' });
    await echoesAnyText('mysql', async ({ sql, values }) => {
      const [rows] = await connection.execute<mysql.RowDataPacket[]>(sql, [...values]);
      return { ...rows[0] };
    });
    await connection.end();
  });
});
