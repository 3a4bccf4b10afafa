import { mkdirSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import KnexSqlite from 'knex/lib/dialects/better-sqlite3/index.js';
import Libsql from 'libsql';
import type { ResolvedConnection, SqliteConnection } from '../../job/connections-schema.ts';
import { errorCodeOf, withConnection, type Engine, type Failure, type Row } from './engine.ts';
import { loadParts } from './sqlite-load.ts';

type Prepared = {
  raw(): Prepared;
  run(values: readonly unknown[]): { readonly changes: number };
  iterate(values: readonly unknown[]): Iterable<readonly unknown[]>;
};
type Connection = {
  readonly inTransaction: boolean;
  exec(sql: string): void;
  prepare(sql: string): Prepared;
  pragma(sql: string): Row[];
};

type Query = { readonly sql: string; response?: unknown };
type BaseClient = new (config: Knex.Config) => {
  readonly connectionSettings: { readonly filename: string; readonly lockWaitMs: number };
  acquireRawConnection(): Promise<Connection>;
  destroyRawConnection(connection: Connection): Promise<void>;
  _query(connection: Connection, query: Query): Promise<unknown>;
};
const BetterSqlite3Client = KnexSqlite as BaseClient;

/**
 * Knex over libsql. Every transaction takes the write lock at its start, and a locked file is
 * waited for without blocking the event loop, which the holder of the lock may need to go on.
 */
class LibsqlClient extends BetterSqlite3Client {
  _driver(): unknown {
    return Libsql;
  }

  override async acquireRawConnection(): Promise<Connection> {
    mkdirSync(dirname(this.connectionSettings.filename), { recursive: true });
    const connection = await super.acquireRawConnection();
    return whenFree(connection, this.connectionSettings.lockWaitMs, async () => {
      const [mode] = connection.pragma('journal_mode');
      if (mode?.journal_mode !== 'wal') connection.exec('pragma journal_mode = WAL');
      connection.exec('pragma foreign_keys = ON');
      return connection;
    });
  }

  /** The file stays locked by a transaction until its statements are collected, which may be never. */
  override async destroyRawConnection(connection: Connection): Promise<void> {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    await super.destroyRawConnection(connection);
  }

  override async _query(connection: Connection, query: Query): Promise<unknown> {
    const { lockWaitMs } = this.connectionSettings;
    if (query.sql === 'COMMIT;') return orRollBack(connection, () => super._query(connection, query));
    if (query.sql !== 'BEGIN;') return whenFree(connection, lockWaitMs, () => super._query(connection, query));
    // A prepared statement that meets the lock stays in progress, and would then refuse the COMMIT.
    await whenFree(connection, lockWaitMs, async () => connection.exec('BEGIN IMMEDIATE'));
    query.response = [];
    return query;
  }
}

/** An expression of text, compared byte by byte. */
function asBytes(expression: string): string {
  return `${expression} collate binary`;
}

/** A COMMIT that fails may leave its transaction open, and with it the file locked. */
async function orRollBack<T>(connection: Connection, commit: () => Promise<T>): Promise<T> {
  try {
    return await commit();
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

const lockPollMs = 10;

/** A SQLite file: the embedded staging database, with one writer at a time. */
export function sqliteEngine({ config }: ResolvedConnection<SqliteConnection>, lockWaitMs: number): Engine {
  const fromHere = relative('', config.file);
  return {
    dialect: 'sqlite',
    place: `sqlite ${fromHere.startsWith('..') ? config.file : fromHere}`,
    settings: {
      client: LibsqlClient as unknown as typeof Knex.Client,
      connection: { filename: config.file, lockWaitMs } as Knex.Sqlite3ConnectionConfig,
      useNullAsDefault: true,
    },
    forUpdate: '',
    nowMs: "cast((julianday('now') - 2440587.5) * 86400000 as integer)",
    insertIfAbsent: (table, columns, values) =>
      `insert into ${table} (${columns}) values (${values}) on conflict do nothing`,
    columnTypes: async () => ({
      text: (column, length) => `text check (length("${column}") <= ${length})`,
      longText: 'text',
      json: 'text',
      checksJson: false,
      date: (column) => `text check (date("${column}") = "${column}")`,
      timestamp: 'text',
      bigint: 'integer',
    }),
    tableOptions: () => {},
    joinStatements: (setClause, candidateId) => ({
      update: `update ?? as t set ${setClause} from segtag_candidate as c
        where c.run_id = ? and t.job = ? and t.customer_id = ${candidateId} and t.change_seq = c.expected_change_seq`,
      remove: `delete from ?? where (customer_id, change_seq) in
        (select customer_id, expected_change_seq from segtag_candidate where run_id = ? and kind = 'leave') and job = ?`,
    }),
    beforeJoins: undefined,
    beforeLookups: undefined,
    writesAlone: true,
    underMigrationLock: (knex, work) => knex.transaction((trx) => work(trx)),
    async run(db, sql, values) {
      const response: unknown = await db.raw(sql, values as Knex.RawBinding[]);
      if (Array.isArray(response)) return { rows: response as Row[], affected: 0 };
      return { rows: [], affected: (response as { changes: number }).changes };
    },
    stream: (db, sql, values, onRow) =>
      withConnection<Connection, void>(db, async (connection) => {
        for (const row of connection.prepare(sql).raw().iterate(values)) onRow(row);
      }),
    bulkInsert: (trx, load) => withConnection<Connection, void>(trx, (connection) => loadParts(connection, load)),
    async lengthLimits(db, table) {
      const { rows } = await this.run(db, 'select sql from sqlite_master where name = ?', [table]);
      const checks = String(rows[0]?.sql).matchAll(/check\s*\(\s*length\("?(\w+)"?\)\s*<=\s*(\d+)\)/gi);
      return new Map([...checks].map(([, column = '', limit]) => [column, Number(limit)]));
    },
    async keyComparison(db, table) {
      const { rows } = await this.run(
        db,
        `select x.coll as name from pragma_index_list(?) l join pragma_index_xinfo(l.name) x
         where l."unique" = 1 and x.name = 'customer_id'`,
        [table],
      );
      const collation = rows.map(({ name }) => String(name)).find((name) => name !== 'BINARY');
      return collation === undefined ? undefined : (id) => `${id} collate ${collation}`;
    },
    bytewise: async () => ({ ours: asBytes, theirs: asBytes }),
    differs: (left, right) => `${left} is not ${right}`,
    rowHash: async () => undefined,
    jsonText: (expression) => expression,
    timestamp: (iso) => iso,
    classify,
    socketOf: () => undefined,
  };
}

async function whenFree<T>(connection: Connection, lockWaitMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + lockWaitMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || connection.inTransaction || performance.now() > deadline) throw error;
    }
    await sleep(lockPollMs);
  }
}

/** SQLite's primary result code; libsql has no name for some of the extended ones. */
function resultCode(error: unknown): number {
  return error instanceof Error && 'rawCode' in error ? Number(error.rawCode) & 0xff : 0;
}

const busy = 5;

function isBusy(error: unknown): boolean {
  return resultCode(error) === busy;
}

const meanings: Readonly<Record<number, Failure['code']>> = {
  [busy]: 'E_CRM_LOST',
  6: 'E_CRM_LOST', // SQLITE_LOCKED
  8: 'E_STAGING_READ_ONLY', // SQLITE_READONLY
  10: 'E_CRM_LOST', // SQLITE_IOERR
  13: 'E_CRM_LOST', // SQLITE_FULL
  14: 'E_STAGING_READ_ONLY', // SQLITE_CANTOPEN
  18: 'E_CRM_REFUSED_ROWS', // SQLITE_TOOBIG
  19: 'E_CRM_REFUSED_ROWS', // SQLITE_CONSTRAINT
  20: 'E_CRM_REFUSED_ROWS', // SQLITE_MISMATCH
  26: 'E_CONNECTION_CONFIG', // SQLITE_NOTADB
};
const folderCodes = new Set(['EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'EEXIST']);
const cannotOpen = /unable to open/i;

function classify(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = meanings[resultCode(error)];
  if (code === 'E_CRM_REFUSED_ROWS') return refusal(error);
  if (code) return { code };
  if (folderCodes.has(errorCodeOf(error)) || cannotOpen.test(error.message)) return { code: 'E_STAGING_READ_ONLY' };
  return /no such (table|column)/.test(error.message) ? { code: 'E_NOT_MIGRATED' } : undefined;
}

function refusal({ message }: Error): Failure {
  const [, checked, unique] = /(?:length|date)\("?(\w+)"?\)|constraint failed: \w+\.(\w+)$/.exec(message) ?? [];
  const column = checked ?? unique;
  return { code: 'E_CRM_REFUSED_ROWS', ...(column ? { column } : {}) };
}
