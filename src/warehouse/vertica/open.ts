import type { Frame } from '../../frame/frame.ts';
import { frameOf } from '../../frame/builder.ts';
import type { ResolvedConnection, VerticaConnection } from '../../job/connections-schema.ts';
import { interruptible, throttled } from '../interruptible.ts';
import { planColumns } from '../read-column.ts';
import { compileStatement } from '../template/compile-statement.ts';
import { createTextColumnReader } from '../text-columns.ts';
import type { ReadOptions, SessionTag, Statement, Warehouse } from '../warehouse.ts';
import type { RowSink } from './driver.ts';
import { connectError, isRefusal, queryError } from './error.ts';
import { sqlColumn } from './columns.ts';
import { openSession, type VerticaSession } from './session.ts';
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
  const session = await logIn(config, tag, place);
  let turn: Promise<unknown> = Promise.resolve();
  return {
    dialect: 'vertica',
    place,
    read(statement, options) {
      // A limit and its query belong together, so reads take turns.
      const reading = turn.then(() => read({ session, place }, statement, options));
      turn = reading.catch(() => {});
      return reading;
    },
    close: session.end,
  };
}

async function logIn(config: VerticaConnection, tag: SessionTag, place: string): Promise<VerticaSession> {
  try {
    const session = await openSession({
      host: config.host,
      port: config.port,
      database: config.database,
      user: config.user,
      password: config.password,
      label: `segtag job=${tag.job} run=${tag.runId}`,
      connectTimeoutMs: config.connect_timeout_seconds * 1000,
      tls: tlsOptions(config, place),
    });
    await settle(session, config);
    return session;
  } catch (error) {
    throw connectError(error, place);
  }
}

/**
 * READ COMMITTED, Vertica's usual level, lets each statement see what was committed before it: two
 * queries of one job would see two states. SERIALIZABLE is the only other level. Its shared locks keep
 * loads of the tables that were read waiting until the session ends, so it must end as soon as the last
 * read is done. Without autocommit the first query opens the transaction and nothing else ends it.
 */
async function settle(session: VerticaSession, { search_path }: VerticaConnection): Promise<void> {
  const path = (search_path ?? []).map((schema) => `"${schema.replaceAll('"', '""')}"`).join(', ');
  const statements = [
    'SET SESSION AUTOCOMMIT TO OFF',
    'SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
    'SET DATESTYLE TO ISO',
    ...(path === '' ? [] : [`SET SEARCH_PATH TO ${path}`]),
  ];
  try {
    for (const statement of statements) await session.run(statement);
  } catch (error) {
    await session.end();
    throw error;
  }
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

/** The server's own limit stops the query should this process die; it counts whole seconds, up to a year. */
async function limitOnServer(session: VerticaSession, timeoutMs: number): Promise<void> {
  const seconds = Math.min(Math.ceil(timeoutMs / 1000), 365 * 86_400);
  try {
    await session.run(`SET SESSION RUNTIMECAP '${seconds} seconds'`);
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
