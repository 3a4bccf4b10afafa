import { it, type TestAPI } from 'vitest';
import type { MysqlConnection, PostgresConnection, ResolvedConnection } from '../../src/job/connections-schema.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import type { Warehouse } from '../../src/warehouse/warehouse.ts';
import { itWithMysql, itWithPostgres, mysqlUrl, postgresUrl } from '../support/engines.ts';
import { speakingMysql } from './mysql/spelling.ts';
import { digitSeries, openTestVertica } from './vertica-client.ts';

/** What the reader contract needs to know of an engine. All else in its SQL is standard. */
export type TestEngine = {
  readonly name: string;
  /** `it`, or a loud skip where the engine is absent. */
  readonly it: TestAPI;
  open(): Promise<Warehouse>;
  /** A FROM item with one column `i`: the integers from 0 to before `count`. */
  series(count: number): string;
  /** An expression of text whose value is the integer `i` in decimal digits. */
  digits(i: string): string;
  readonly double: string;
  /** Significant digits of a double that the server sends; absent where it sends them all. */
  readonly doubleDigits?: number;
  readonly uuid: string;
  /** False where a double cannot be infinite or NaN. */
  readonly infinities?: false;
};

const tag = { job: 'reader-contract', runId: 'test-run' };

/** The connection to the test server; `settings` replace single values of it. */
export function postgresConnection(settings: Partial<PostgresConnection> = {}): ResolvedConnection<PostgresConnection> {
  const url = postgresUrl();
  return {
    name: 'warehouse',
    target: 'test',
    config: {
      client: 'postgres',
      host: url.hostname,
      port: Number(url.port || 5432),
      database: url.pathname.slice(1),
      user: decodeURIComponent(url.username),
      ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
      tls: 'disable',
      connect_timeout_seconds: 5,
      ...settings,
    },
  };
}

/** The connection to the test server; `settings` replace single values of it. */
export function mysqlConnection(settings: Partial<MysqlConnection> = {}): ResolvedConnection<MysqlConnection> {
  const url = mysqlUrl();
  return {
    name: 'warehouse',
    target: 'test',
    config: {
      client: 'mysql',
      host: url.hostname,
      port: Number(url.port || 3306),
      database: url.pathname.slice(1),
      user: decodeURIComponent(url.username),
      ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
      tls: 'disable',
      connect_timeout_seconds: 5,
      ...settings,
    },
  };
}

/** One entry per engine: a new engine passes the whole contract by being added here. */
export const testEngines: readonly TestEngine[] = [
  {
    name: 'DuckDB',
    it,
    open: () =>
      openWarehouse(
        { name: 'warehouse', target: 'test', config: { client: 'duckdb', file: ':memory:', views: {} } },
        tag,
      ),
    series: (count) => `range(0, ${count}) AS series (i)`,
    digits: (i) => `CAST(${i} AS VARCHAR)`,
    double: 'DOUBLE',
    uuid: 'UUID',
  },
  {
    name: 'PostgreSQL',
    it: itWithPostgres,
    open: () => openWarehouse(postgresConnection(), tag),
    // In FROM the function would write the whole series to disk first.
    series: (count) => `(SELECT generate_series(0, ${count} - 1) AS i) AS series`,
    digits: (i) => `CAST(${i} AS VARCHAR)`,
    double: 'DOUBLE PRECISION',
    uuid: 'UUID',
  },
  {
    name: 'Vertica',
    it,
    open: openTestVertica,
    series: digitSeries,
    digits: (i) => `CAST(${i} AS VARCHAR)`,
    double: 'FLOAT',
    doubleDigits: 15,
    uuid: 'UUID',
  },
  {
    name: 'MariaDB',
    it: itWithMysql,
    open: async () => speakingMysql(await openWarehouse(mysqlConnection(), tag)),
    series: digitSeries,
    digits: (i) => `CAST(${i} AS CHAR)`,
    double: 'DOUBLE',
    uuid: 'UUID',
    infinities: false,
  },
];
