import { SegtagError } from '../errors.ts';
import type { ResolvedConnection } from '../job/connections-schema.ts';
import type { SessionTag, Warehouse } from './warehouse.ts';

/**
 * Opens a session on a warehouse. Only the driver that is asked for gets loaded. Throws
 * E_CONNECTION_CONFIG, E_LOGIN_REFUSED or E_WAREHOUSE_UNREACHABLE, each naming the connection.
 */
export async function openWarehouse(connection: ResolvedConnection, tag: SessionTag): Promise<Warehouse> {
  const { config } = connection;
  switch (config.client) {
    case 'duckdb':
      return (await import('./duckdb/open.ts')).openDuckdb({ ...connection, config });
    case 'postgres':
      return (await import('./postgres/open.ts')).openPostgres({ ...connection, config }, tag);
    case 'vertica':
      return (await import('./vertica/open.ts')).openVertica({ ...connection, config }, tag);
    case 'mysql':
      return (await import('./mysql/open.ts')).openMysql({ ...connection, config }, tag);
    case 'sqlite':
      throw new SegtagError('E_CONNECTION_CONFIG', {
        where: connection.name,
        what: `Customers cannot be read over a connection of client ${config.client}.`,
        remedy: 'Give the job a source.connection of client vertica, postgres, mysql or duckdb.',
      });
  }
}

/** One thing that a test of a connection tried. `error` is the failure of the step that isn't ok, always the last. */
export type ConnectionStep = {
  readonly step: 'open' | 'query' | 'version';
  readonly ok: boolean;
  readonly detail: string;
  readonly error?: SegtagError;
};

const testTimeoutMs = 10_000;

/** Opens the warehouse, runs a query and asks for the version; stops at the first step that fails. */
export async function testConnection(connection: ResolvedConnection): Promise<ConnectionStep[]> {
  const steps: ConnectionStep[] = [];
  let step: ConnectionStep['step'] = 'open';
  try {
    const warehouse = await openWarehouse(connection, { job: 'connection-test', runId: '-' });
    try {
      steps.push({ step, ok: true, detail: warehouse.place });
      step = 'query';
      steps.push({ step, ok: true, detail: await answer(warehouse, 'SELECT 1 AS answer') });
      step = 'version';
      steps.push({ step, ok: true, detail: await answer(warehouse, 'SELECT version() AS answer') });
    } finally {
      await warehouse.close();
    }
  } catch (error) {
    if (!(error instanceof SegtagError)) throw error;
    steps.push({ step, ok: false, detail: `${error.what} ${error.remedy}`, error });
  }
  return steps;
}

async function answer(warehouse: Warehouse, sql: string): Promise<string> {
  const statement = { file: 'connection test', sql, bindings: [] };
  const { columns } = await warehouse.read(statement, { timeoutMs: testTimeoutMs });
  const column = columns.get('answer');
  if (column?.kind === 'text') return column.dictionary[0] ?? '';
  return column?.kind === 'number' ? String(column.values[0]) : '';
}
