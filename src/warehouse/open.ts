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
