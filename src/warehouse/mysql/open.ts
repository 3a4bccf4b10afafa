import { SegtagError } from '../../errors.ts';
import { frameOf } from '../../frame/builder.ts';
import type { Frame } from '../../frame/frame.ts';
import type { MysqlConnection, ResolvedConnection } from '../../job/connections-schema.ts';
import { interruptible, throttled } from '../interruptible.ts';
import { createMysqlColumnReader, mysqlColumn, type MysqlColumnReader } from './columns.ts';
import { changedValueError, lost, queryError } from './error.ts';
import { NotAQuery, openSession, type MysqlSession, type RowSink } from './session.ts';
import { planColumns } from '../read-column.ts';
import { rejected } from '../sql-error.ts';
import { compileStatement } from '../template/compile-statement.ts';
import type { ReadOptions, SessionTag, Statement, Warehouse } from '../warehouse.ts';

/** Opens MySQL or MariaDB: one session in one read-only transaction that sees one snapshot of its InnoDB tables. */
export async function openMysql(connection: ResolvedConnection<MysqlConnection>, tag: SessionTag): Promise<Warehouse> {
  const { host, port, database } = connection.config;
  const place = `${connection.name} (mysql ${host}:${port}/${database})`;
  const session = await openSession(connection, tag, place);
  return {
    dialect: 'mysql',
    place,
    close: session.close,
    read: (statement, options) => read({ session, place }, statement, options),
  };
}

type Opened = { readonly session: MysqlSession; readonly place: string };

/** The server stops at the time limit; this much later we do, for a server that has gone silent. */
const serverGraceMs = 2000;

async function read(opened: Opened, statement: Statement, options: ReadOptions): Promise<Frame> {
  const { session, place } = opened;
  const { sql, values } = compileStatement(statement, 'mysql');
  const { timeoutMs, signal } = options;
  const stopper = createStopper(session);
  const columns = collectColumns(statement, options);
  const limits = {
    timeoutMs,
    graceMs: serverGraceMs,
    signal,
    where: `${place} ${statement.file}`,
    cancel: stopper.stop,
  };
  try {
    return await interruptible(limits, async () => {
      try {
        await session.run(limitStatement(session, timeoutMs));
        await session.stream({ sql, values, sink: columns.sink, stop: stopper.stop });
        await refuseChangedValues(session, statement);
        return columns.finish();
      } catch (error) {
        if (error instanceof NotAQuery)
          throw rejected({ code: 'E_SQL_REJECTED', message: error.message }, statement, 'mysql');
        throw queryError(error, { statement, sql, place, timeoutMs });
      }
    });
  } catch (error) {
    const isSilent = error instanceof SegtagError && error.code === 'E_WAREHOUSE_TIMEOUT' && stopper.gaveUp();
    throw isSilent ? lost(place, 'the server has gone silent and does not stop the query') : error;
  } finally {
    stopper.done();
  }
}

const longestLimitMs = 365 * 86_400_000;

function limitStatement({ isMariadb }: MysqlSession, timeoutMs: number): string {
  const limit = Math.max(1, Math.min(Math.ceil(timeoutMs), longestLimitMs));
  return isMariadb
    ? `SET SESSION max_statement_time = ${limit / 1000}`
    : `SET SESSION max_execution_time = ${Math.min(limit, 2 ** 32 - 1)}`;
}

async function refuseChangedValues(session: MysqlSession, statement: Statement): Promise<void> {
  const rows = await session.run('SHOW WARNINGS');
  const error = changedValueError(
    rows.map(([, number, message]) => ({ number: Number(number), message: String(message) })),
    statement,
  );
  if (error) throw error;
}

const cancelGraceMs = 1000;

/** Stops the running query on the server; when that doesn't end it, the connection is dropped. */
function createStopper(session: MysqlSession): { stop(): void; gaveUp(): boolean; done(): void } {
  let patience: NodeJS.Timeout | undefined;
  let gaveUp = false;
  const giveUp = (): void => {
    gaveUp = true;
    session.destroy();
  };
  return {
    stop() {
      if (patience) return;
      patience = setTimeout(giveUp, cancelGraceMs);
      session.cancel().catch(giveUp);
    },
    gaveUp: () => gaveUp,
    done: () => clearTimeout(patience),
  };
}

function collectColumns({ file }: Statement, options: ReadOptions): { readonly sink: RowSink; finish(): Frame } {
  const progress = throttled(options.onProgress);
  let names: readonly string[] = [];
  let readers: readonly MysqlColumnReader[] = [];
  let rows = 0;
  return {
    sink: {
      columns(fields) {
        const columns = fields.map((field) => mysqlColumn(field, options.columns?.[field.name]));
        const plans = planColumns(columns, options, file);
        names = plans.map(({ name }) => name);
        readers = plans.map((plan) => createMysqlColumnReader(plan, file));
      },
      row(values) {
        for (let column = 0; column < readers.length; column++) readers[column]!.push(values[column]);
        progress(++rows);
      },
    },
    finish: () => frameOf(readers.map((reader, column) => ({ name: names[column] ?? '', column: reader.finish() }))),
  };
}
