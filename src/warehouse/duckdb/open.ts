import { existsSync } from 'node:fs';
import {
  BIGINT,
  DATE,
  DOUBLE,
  DuckDBDateValue,
  DuckDBInstance,
  StatementType,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBResult,
} from '@duckdb/node-api';
import { SegtagError } from '../../errors.ts';
import { frameOf } from '../../frame/builder.ts';
import { parseDay } from '../../frame/day.ts';
import type { Frame } from '../../frame/frame.ts';
import type { DuckdbConnection, ResolvedConnection } from '../../job/connections-schema.ts';
import { createVectorReader, duckdbColumn } from './columns.ts';
import { duckdbError, openError } from './error.ts';
import { attachDatabases, buildDatabase, createViews, duckdbOptions } from './files.ts';
import { interruptible, throttled } from '../interruptible.ts';
import { planColumns } from '../read-column.ts';
import { rejected } from '../sql-error.ts';
import { compileStatement } from '../template/compile-statement.ts';
import type { Binding, ReadOptions, Statement, Warehouse } from '../warehouse.ts';

/**
 * Opens DuckDB in this process: a database file for reading only (built first when it is absent
 * and `build` says how), with temporary views over files, and other databases attached. Nothing else can write to a file that is
 * open, so that all reads see one state of it.
 */
export async function openDuckdb(connection: ResolvedConnection<DuckdbConnection>): Promise<Warehouse> {
  const { file, views, build, attach = {} } = connection.config;
  const place = `${connection.name} (duckdb ${file})`;
  const inMemory = file === ':memory:';
  if (!inMemory && !existsSync(file)) {
    if (build === undefined) throw absent(file, place);
    await buildDatabase(file, build, place);
  }
  const instance = await openInstance(connection.config, place);
  const session = await instance.connect();
  const close = async (): Promise<void> => {
    session.closeSync();
    instance.closeSync();
  };
  try {
    await attachDatabases(session, attach, place);
    await createViews(session, views, place);
  } catch (error) {
    await close();
    throw error;
  }
  return { dialect: 'duckdb', place, close, read: (statement, options) => read(session, place, statement, options) };
}

function absent(file: string, place: string): SegtagError {
  return new SegtagError('E_CONNECTION_CONFIG', {
    where: place,
    what: `The database file ${file} does not exist.`,
    remedy: 'Correct `file` of the connection, or give `build` a folder of SQL files that make the database.',
  });
}

async function openInstance(config: DuckdbConnection, place: string): Promise<DuckDBInstance> {
  const options = {
    ...duckdbOptions,
    preserve_insertion_order: 'false',
    ...(config.file === ':memory:' ? {} : { access_mode: 'READ_ONLY' }),
    ...(config.memory_limit === undefined ? {} : { memory_limit: config.memory_limit }),
    ...(config.threads === undefined ? {} : { threads: String(config.threads) }),
  };
  try {
    return await DuckDBInstance.create(config.file, options);
  } catch (error) {
    throw openError(error, place);
  }
}

const interruptEveryMs = 20;

async function read(
  session: DuckDBConnection,
  place: string,
  statement: Statement,
  options: ReadOptions,
): Promise<Frame> {
  const { sql } = compileStatement(statement, 'duckdb');
  // An interrupt that comes between two steps of the driver is lost, so it is repeated.
  let pulse: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    session.interrupt();
    pulse = setInterval(() => session.interrupt(), interruptEveryMs);
  };
  const { timeoutMs, signal } = options;
  try {
    return await interruptible({ timeoutMs, signal, where: `${place} ${statement.file}`, cancel }, () =>
      readRows(session, sql, statement, options).catch((error: unknown) => {
        throw duckdbError(error, { statement, sql, place });
      }),
    );
  } finally {
    clearInterval(pulse);
  }
}

async function readRows(
  session: DuckDBConnection,
  sql: string,
  statement: Statement,
  options: ReadOptions,
): Promise<Frame> {
  const prepared = await session.prepare(sql);
  try {
    if (prepared.statementType !== StatementType.SELECT)
      throw rejected({ code: 'E_SQL_REJECTED', message: 'it is not a query' }, statement, 'duckdb');
    statement.bindings.forEach((binding, index) => bind(prepared, index + 1, binding));
    const result = await prepared.stream();
    const frame = await collect(result, statement.file, options);
    // Where an error ends a streamed result, the driver reports the end of the rows; only this flag tells them apart.
    if (!result.isStreaming) throw await reasonOfEnd(prepared);
    return frame;
  } finally {
    prepared.destroySync();
  }
}

/** Runs the statement again, not streamed, to learn the error that ended it. */
async function reasonOfEnd(prepared: DuckDBPreparedStatement): Promise<unknown> {
  return prepared.run().then(
    () => new Error('DuckDB ended a result early and cannot say why'),
    (error: unknown) => error,
  );
}

async function collect(result: DuckDBResult, file: string, options: ReadOptions): Promise<Frame> {
  const types = result.columnTypes();
  const columns = result.columnNames().map((name, index) => duckdbColumn(name, types[index]!));
  const plans = planColumns(columns, options, file);
  const readers = plans.map((plan, index) => createVectorReader(plan, types[index]!, file));
  const progress = throttled(options.onProgress);
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    readers.forEach((reader, index) => reader.push(chunk.getColumnVector(index)));
    rows += chunk.rowCount;
    progress(rows);
  }
  return frameOf(plans.map(({ name }, index) => ({ name, column: readers[index]!.finish() })));
}

function bind(prepared: DuckDBPreparedStatement, index: number, binding: Binding): void {
  if (typeof binding === 'object') prepared.bindValue(index, new DuckDBDateValue(parseDay(binding.date)), DATE);
  else if (typeof binding === 'boolean') prepared.bindBoolean(index, binding);
  else if (typeof binding === 'string') prepared.bindValue(index, binding, VARCHAR);
  else if (Number.isSafeInteger(binding)) bindInteger(prepared, index, binding);
  else prepared.bindValue(index, binding, DOUBLE);
}

/** Date minus BIGINT isn't defined, date minus INTEGER is. */
function bindInteger(prepared: DuckDBPreparedStatement, index: number, value: number): void {
  if (Math.abs(value) < 2 ** 31) prepared.bindInteger(index, value);
  else prepared.bindValue(index, BigInt(value), BIGINT);
}
