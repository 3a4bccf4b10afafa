import pg from 'pg';
import type { Frame } from '../../frame/frame.ts';
import { frameOf } from '../../frame/builder.ts';
import type { PostgresConnection, ResolvedConnection } from '../../job/connections-schema.ts';
import { interruptible, longestTimeoutMs, throttled, timedOut } from '../interruptible.ts';
import { isCancelled, queryError } from './error.ts';
import { postgresColumn } from './columns.ts';
import { cancelQuery, openSession, type PostgresSession } from './session.ts';
import { planColumns } from '../read-column.ts';
import { rejected } from '../sql-error.ts';
import { compileStatement } from '../template/compile-statement.ts';
import { createTextColumnReader, type TextColumnReader } from '../text-columns.ts';
import type { ReadOptions, SessionTag, Statement, Warehouse } from '../warehouse.ts';

/** Opens PostgreSQL or Redshift: one session in one read-only transaction at repeatable read. */
export async function openPostgres(
  connection: ResolvedConnection<PostgresConnection>,
  tag: SessionTag,
): Promise<Warehouse> {
  const { host, port, database } = connection.config;
  const place = `${connection.name} (postgres ${host}:${port}/${database})`;
  const session = await openSession(connection, tag, place);
  return {
    dialect: 'postgres',
    place,
    close: session.close,
    read: (statement, options) => read({ connection, session, place }, statement, options),
  };
}

type Opened = {
  readonly connection: ResolvedConnection<PostgresConnection>;
  readonly session: PostgresSession;
  readonly place: string;
};

/** The server cancels at the time limit; this much later we do, for a server that has gone silent. */
const serverGraceMs = 2000;
const cancelGraceMs = 1000;

async function read(opened: Opened, statement: Statement, options: ReadOptions): Promise<Frame> {
  const { session, place } = opened;
  const { sql, values } = compileStatement(statement, 'postgres');
  const where = `${place} ${statement.file}`;
  const { timeoutMs, signal } = options;
  const stopper = createStopper(opened);
  try {
    return await interruptible({ timeoutMs, graceMs: serverGraceMs, signal, where, cancel: stopper.stop }, async () => {
      const limit = Math.max(1, Math.min(Math.ceil(timeoutMs), longestTimeoutMs));
      const started = performance.now();
      try {
        await session.client.query(`SET LOCAL statement_timeout = ${limit}`);
        return await stream({ session, sql, values, statement, options, stop: stopper.stop });
      } catch (error) {
        const isLate = isCancelled(error) && performance.now() - started >= limit;
        throw isLate ? timedOut(timeoutMs, where) : queryError(error, { statement, sql, place });
      }
    });
  } finally {
    stopper.done();
  }
}

/** Cancels the running query on the server; when that doesn't end it, the connection is dropped. */
function createStopper({ connection, session, place }: Opened): { stop(): void; done(): void } {
  let patience: NodeJS.Timeout | undefined;
  return {
    stop() {
      if (patience) return;
      patience = setTimeout(() => session.destroy(), cancelGraceMs);
      cancelQuery(connection, session, place).catch(() => session.destroy());
    },
    done: () => clearTimeout(patience),
  };
}

type Streaming = {
  readonly session: PostgresSession;
  readonly sql: string;
  readonly values: readonly (string | number | boolean)[];
  readonly statement: Statement;
  readonly options: ReadOptions;
  readonly stop: () => void;
};

/** The two messages that carry a result, before the driver makes rows of them. */
type ResultMessages = {
  handleRowDescription(message: { readonly fields: readonly pg.FieldDef[] }): void;
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void;
};

/**
 * Decodes rows as they arrive, so that none is kept. Not a cursor: PostgreSQL runs a query whose
 * rows are fetched in portions without its parallel workers.
 */
async function stream({ session, sql, values, statement, options, stop }: Streaming): Promise<Frame> {
  const query = new pg.Query({ text: sql, values: [...values], queryMode: 'extended' } as pg.QueryConfig);
  const progress = throttled(options.onProgress);
  let sink: Sink | undefined;
  let readers: readonly TextColumnReader[] = [];
  let rows = 0;
  let failure: unknown;
  // What is thrown inside the driver's parser would leave the connection in the middle of a message.
  const guarded = (work: () => void): void => {
    if (failure !== undefined) return;
    try {
      work();
    } catch (error) {
      failure = error;
      stop();
    }
  };
  const messages: ResultMessages = {
    handleRowDescription: ({ fields }) =>
      guarded(() => {
        sink = createSink(fields, statement.file, options);
        readers = sink.readers;
      }),
    handleDataRow: ({ fields }) =>
      guarded(() => {
        for (let column = 0; column < fields.length; column++) readers[column]!.push(fields[column]!);
        progress(++rows);
      }),
  };
  Object.assign(query, messages);
  await new Promise<void>((resolve, reject) => {
    query.on('error', (error) => reject(failure ?? error));
    query.on('end', () => (failure === undefined ? resolve() : reject(failure)));
    session.client.query(query);
  });
  if (!sink) throw rejected({ code: 'E_SQL_REJECTED', message: 'it is not a query' }, statement, 'postgres');
  return frameOf(sink.finish());
}

type Sink = { readonly readers: readonly TextColumnReader[]; finish(): Parameters<typeof frameOf>[0] };

function createSink(fields: readonly pg.FieldDef[], file: string, options: ReadOptions): Sink {
  const plans = planColumns(fields.map(postgresColumn), options, file);
  const readers = plans.map((plan) => createTextColumnReader(plan, file));
  return {
    readers,
    finish: () => plans.map(({ name }, index) => ({ name, column: readers[index]!.finish() })),
  };
}
