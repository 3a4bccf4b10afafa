import { DuckDBInstance } from '@duckdb/node-api';
import type { ResolvedConnection, VerticaConnection } from '../../src/job/connections-schema.ts';
import type { ReadOptions, Statement } from '../../src/warehouse/warehouse.ts';
import type { VerticaWire } from '../support/vertica-wire/server.ts';

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

export const within: ReadOptions = { timeoutMs: 30_000 };

/** Runs statements on the engine behind a stand-in, past its protocol. */
export async function fill(instance: DuckDBInstance, ...statements: readonly string[]): Promise<void> {
  const connection = await instance.connect();
  for (const sql of statements) await connection.run(sql);
  connection.closeSync();
}
