import type { DuckDBInstance } from '@duckdb/node-api';
import type { ResolvedConnection, VerticaConnection } from '../../src/job/connections-schema.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import type { ReadOptions, Statement, Warehouse } from '../../src/warehouse/warehouse.ts';
import { startVerticaWire, type VerticaWire } from '../support/vertica-wire/server.ts';

export const tag = { job: 'opportunities', runId: 'opportunities-20260630T020000Z-abcd' };

/** The connection that a connections file would give for a stand-in. */
export function connectionTo(
  wire: Pick<VerticaWire, 'host' | 'port' | 'database'>,
  changes: Partial<VerticaConnection> = {},
): ResolvedConnection<VerticaConnection> {
  const config: VerticaConnection = {
    client: 'vertica',
    host: wire.host,
    port: wire.port,
    database: wire.database,
    user: 'segtag',
    password: 'segtag',
    tls: 'disable',
    connect_timeout_seconds: 5,
    ...changes,
  };
  return { name: 'warehouse', target: 'test', config };
}

export function statement(sql: string, bindings: Statement['bindings'] = []): Statement {
  return { file: 'sql/opportunities/customers.sql', sql, bindings };
}

export const within: ReadOptions = { timeoutMs: 120_000 };

/** Runs statements on the engine behind a stand-in, past its protocol. */
export async function fill(instance: DuckDBInstance, ...statements: readonly string[]): Promise<void> {
  const connection = await instance.connect();
  for (const sql of statements) await connection.run(sql);
  connection.closeSync();
}

/** A session on a stand-in that ends with it, or on the server that SEGTAG_TEST_VERTICA_URL names. */
export async function openTestVertica(): Promise<Warehouse> {
  const given = process.env.SEGTAG_TEST_VERTICA_URL;
  if (given) return openWarehouse(connectionFrom(new URL(given)), tag);
  const wire = await startVerticaWire();
  try {
    const warehouse = await openWarehouse(connectionTo(wire), tag);
    return {
      ...warehouse,
      async close() {
        await warehouse.close();
        await wire.stop();
      },
    };
  } catch (error) {
    await wire.stop();
    throw error;
  }
}

/** `vertica://user:password@host:5433/database?tls=verify-full&ca=/path` */
function connectionFrom(url: URL): ResolvedConnection<VerticaConnection> {
  const config = {
    client: 'vertica',
    host: url.hostname,
    port: Number(url.port || 5433),
    database: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    tls: 'disable',
    connect_timeout_seconds: 10,
    ...Object.fromEntries(url.searchParams),
  } as VerticaConnection;
  return { name: 'warehouse', target: 'test', config };
}

/** The integers from 0, made of digits: Vertica has no series, and this any server can do. */
export function digitSeries(count: number): string {
  const places = Array.from({ length: Math.max(1, String(count - 1).length) }, (_, place) => place);
  const digits = `(${[...'0123456789'].map((digit) => `SELECT CAST(${digit} AS BIGINT) AS d`).join(' UNION ALL ')})`;
  const sum = places.map((place) => `${10 ** place} * d${place}.d`).join(' + ');
  const from = places.map((place) => `${digits} AS d${place}`).join(' CROSS JOIN ');
  return `(SELECT i FROM (SELECT ${sum} AS i FROM ${from}) AS every_number WHERE i < ${count}) AS series`;
}
