import type { Knex } from 'knex';
import type { Frame } from '../../frame/frame.ts';
import { frameOf } from '../../frame/builder.ts';
import type { ResolvedConnection, VerticaConnection } from '../../job/connections-schema.ts';
import { interruptible, longestTimeoutMs, throttled } from '../interruptible.ts';
import { planColumns } from '../read-column.ts';
import { compileStatement } from '../template/compile-statement.ts';
import { createTextColumnReader } from '../text-columns.ts';
import type { ReadOptions, SessionTag, Statement, Warehouse } from '../warehouse.ts';
import { sqlColumn } from './columns.ts';
import type { RowSink } from './driver.ts';
import { connectError, isRefusal, queryError } from './error.ts';
import { hostsOf } from './hosts.ts';
import { createVerticaKnex, type ConnectionSettings } from './knex-dialect.ts';
import type { VerticaSession } from './session.ts';
import { runtimeCap } from './settings.ts';
import { tlsOptions } from './tls.ts';

/**
 * Opens Vertica: one session in one read-only transaction that sees one snapshot. Rows are decoded
 * as they arrive; floats arrive with the 15 significant digits that Vertica writes as text.
 */
export async function openVertica(
  connection: ResolvedConnection<VerticaConnection>,
  tag: SessionTag,
): Promise<Warehouse> {
  const { config, name } = connection;
  const place = `${name} (vertica ${config.host}:${config.port}/${config.database})`;
  const db = createVerticaKnex(connectionSettings(config, tag, place), { min: 0, max: 1, ...patient });
  const session = await logIn(db, place);
  let turn: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  return {
    dialect: 'vertica',
    place,
    read(statement, options) {
      // A limit and its query belong together, so reads take turns.
      const reading = turn.then(() => read({ session, place }, statement, options));
      turn = reading.catch(() => {});
      return reading;
    },
    close: () => (closing ??= giveBack(db, session)),
  };
}

/** Each address of each host has its own time limit: the pool must not give up before. */
const patient = { acquireTimeoutMillis: longestTimeoutMs, createTimeoutMillis: longestTimeoutMs };

type PooledClient = {
  acquireConnection(): Promise<VerticaSession>;
  releaseConnection(session: VerticaSession): Promise<void>;
};

function clientOf(db: Knex): PooledClient {
  return db.client as PooledClient;
}

async function logIn(db: Knex, place: string): Promise<VerticaSession> {
  try {
    return await clientOf(db).acquireConnection();
  } catch (error) {
    await db.destroy();
    throw connectError(error, place);
  }
}

async function giveBack(db: Knex, session: VerticaSession): Promise<void> {
  await clientOf(db).releaseConnection(session);
  await db.destroy();
}

function connectionSettings(config: VerticaConnection, tag: SessionTag, place: string): ConnectionSettings {
  return {
    hosts: hostsOf(config),
    database: config.database,
    user: config.user,
    password: config.password,
    oauthAccessToken: config.oauth_access_token,
    label: `segtag job=${tag.job} run=${tag.runId}`,
    connectTimeoutMs: config.connect_timeout_seconds * 1000,
    tls: tlsOptions(config, place),
    session: { snapshot: true, searchPath: config.search_path },
  };
}

type Opened = { readonly session: VerticaSession; readonly place: string };

async function read({ session, place }: Opened, statement: Statement, options: ReadOptions): Promise<Frame> {
  const { sql, values } = compileStatement(statement, 'vertica');
  const { timeoutMs, signal } = options;
  const where = `${place} ${statement.file}`;
  const columns = collectColumns(statement, options);
  return interruptible({ timeoutMs, signal, where, cancel: session.cancel }, async () => {
    try {
      await limitOnServer(session, timeoutMs);
      await session.run(sql, values.map(String), columns.sink);
      return columns.finish();
    } catch (error) {
      throw queryError(error, { statement, sql, place, timeoutMs });
    }
  });
}

/** The server's own limit stops the query should this process die. */
async function limitOnServer(session: VerticaSession, timeoutMs: number): Promise<void> {
  try {
    await session.run(runtimeCap(timeoutMs / 1000));
  } catch (error) {
    // Nobody may raise the cap that an administrator gave the user: then that one, which is lower, holds.
    if (!isRefusal(error)) throw error;
  }
}

type ColumnCollector = { readonly sink: RowSink; finish(): Frame };

function collectColumns({ file }: Statement, options: ReadOptions): ColumnCollector {
  const progress = throttled(options.onProgress);
  let names: readonly string[] = [];
  let readers: readonly ReturnType<typeof createTextColumnReader>[] = [];
  let rows = 0;
  return {
    sink: {
      columns(fields) {
        const plans = planColumns(fields.map(sqlColumn), options, file);
        names = plans.map(({ name }) => name);
        readers = plans.map((plan) => createTextColumnReader(plan, file));
      },
      row(values) {
        for (const [column, reader] of readers.entries()) reader.push(values[column] ?? null);
        progress(++rows);
      },
    },
    finish: () => frameOf(readers.map((reader, column) => ({ name: names[column] ?? '', column: reader.finish() }))),
  };
}
