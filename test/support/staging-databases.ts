import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { it, type TestAPI } from 'vitest';
import { connectionSchema, type ResolvedConnection } from '../../src/job/connections-schema.ts';
import { itWithMysql, itWithPostgres, mysqlUrl, postgresUrl } from './engines.ts';

export type Row = Record<string, unknown>;

/** A staging database of its own for one test, looked at past the code under test. */
export type StagingDatabase = {
  readonly connection: ResolvedConnection;
  /** Runs one statement on a connection of its own, with `?` for values. */
  query(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** A connection that is held until closed: for locks, and for reading while others write. */
  session(): Promise<Session>;
  /** The same database as a new user who may only select, insert, update and delete. */
  withLeastGrants(tables: readonly string[]): Promise<ResolvedConnection>;
  drop(): Promise<void>;
};

export type Session = {
  query(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
};

export type StagingEngine = {
  readonly name: 'SQLite' | 'PostgreSQL' | 'MariaDB';
  readonly it: TestAPI;
  fresh(): Promise<StagingDatabase>;
};

/** Every engine that staging runs on. */
export const stagingEngines: readonly StagingEngine[] = [
  { name: 'SQLite', it, fresh: freshSqlite },
  { name: 'PostgreSQL', it: itWithPostgres, fresh: freshPostgres },
  { name: 'MariaDB', it: itWithMysql, fresh: freshMysql },
];

async function freshSqlite(): Promise<StagingDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'segtag-staging-'));
  const file = join(folder, 'var', 'crm.sqlite');
  const session = async (): Promise<Session> => {
    const db = new Libsql(file);
    return {
      query: async (sql, values = []) => {
        const statement = db.prepare(sql);
        if (statement.reader) return statement.all(values) as Row[];
        statement.run(values);
        return [];
      },
      close: async () => void db.close(),
    };
  };
  return {
    connection: resolved({ client: 'sqlite', file }),
    session,
    query: (sql, values) => once(session, sql, values),
    withLeastGrants: async () => resolved({ client: 'sqlite', file }),
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function freshPostgres(): Promise<StagingDatabase> {
  const url = postgresUrl();
  const name = freshName();
  const sessionIn = async (database: string): Promise<Session> => {
    const client = new Client({ connectionString: withDatabase(url, database) });
    client.on('error', () => {});
    await client.connect();
    return {
      query: async (sql, values = []) => {
        let position = 0;
        const text = sql.replaceAll('?', () => `$${++position}`);
        return ((await client.query(text, [...values])).rows ?? []) as Row[];
      },
      close: () => client.end(),
    };
  };
  const admin = (sql: string): Promise<Row[]> => once(() => sessionIn('postgres'), sql);
  const session = (): Promise<Session> => sessionIn(name);
  const query: StagingDatabase['query'] = (sql, values) => once(session, sql, values);
  await admin(`create database ${name}`);
  return {
    connection: resolved({ client: 'postgres', ...serverOf(url, name) }),
    session,
    query,
    async withLeastGrants(tables) {
      const user = `${name}_app`;
      await admin(`create role ${user} login password 'app'`);
      for (const table of tables) await query(`grant ${rightsOn(table)} on ${table} to ${user}`);
      return resolved({ client: 'postgres', ...serverOf(url, name), user, password: 'app' });
    },
    async drop() {
      await admin(`drop database ${name} with (force)`);
      await admin(`drop role if exists ${name}_app`);
    },
  };
}

async function freshMysql(): Promise<StagingDatabase> {
  const url = mysqlUrl();
  const name = freshName();
  const session = async (): Promise<Session> => {
    const client = await createConnection({ uri: withDatabase(url, name), dateStrings: true, timezone: 'Z' });
    return {
      query: async (sql, values = []) => {
        const [rows] = await client.query(sql, [...values]);
        return Array.isArray(rows) ? (rows as Row[]) : [];
      },
      close: () => client.end(),
    };
  };
  const admin = async (sql: string): Promise<void> => {
    const client = await createConnection({ uri: url.href });
    await client.query(sql);
    await client.end();
  };
  await admin(`create database ${name} character set utf8mb4`);
  return {
    connection: resolved({ client: 'mysql', ...serverOf(url, name) }),
    session,
    query: (sql, values) => once(session, sql, values),
    async withLeastGrants(tables) {
      const user = `${name}_app`;
      await admin(`create user '${user}'@'%' identified by 'app'`);
      for (const table of tables) await admin(`grant ${rightsOn(table)} on ${name}.${table} to '${user}'@'%'`);
      return resolved({ client: 'mysql', ...serverOf(url, name), user, password: 'app' });
    },
    async drop() {
      await admin(`drop database ${name}`);
      await admin(`drop user if exists '${name}_app'@'%'`);
    },
  };
}

/** What has been migrated is read by everybody, and written by `segtag migrate` alone. */
function rightsOn(table: string): string {
  return table === 'segtag_migration' ? 'select' : 'select, insert, update, delete';
}

async function once(open: () => Promise<Session>, sql: string, values?: readonly unknown[]): Promise<Row[]> {
  const session = await open();
  try {
    return await session.query(sql, values);
  } finally {
    await session.close();
  }
}

function resolved(config: object): ResolvedConnection {
  return { name: 'crm', target: 'test', config: connectionSchema.parse({ ...config }) };
}

function serverOf(url: URL, database: string): object {
  return {
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    ...(url.password === '' ? {} : { password: url.password }),
    database,
  };
}

function withDatabase(url: URL, database: string): string {
  const copy = new URL(url);
  copy.pathname = `/${database}`;
  return copy.href;
}

function freshName(): string {
  return `segtag_${randomBytes(6).toString('hex')}`;
}

/** Waits until a connection to the database waits for a lock, on MariaDB with a statement that begins so; returns its number. */
export async function waitingFor({ connection, query }: StagingDatabase, statement: string): Promise<number> {
  const isMysql = connection.config.client === 'mysql';
  const sql = isMysql
    ? `select id from information_schema.processlist
       where db = database() and info like ? and info not like '%processlist%'`
    : "select pid as id from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  for (let attempt = 0; attempt < 500; attempt++) {
    const [row] = await query(sql, isMysql ? [`${statement}%`] : []);
    if (row) return Number(row.id);
    await sleep(20);
  }
  throw new Error('nobody is waiting for a lock');
}
