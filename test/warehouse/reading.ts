import { expect } from 'vitest';
import { SegtagError } from '../../src/errors.ts';
import { isNull, type Column } from '../../src/frame/column.ts';
import { formatDay, type Day } from '../../src/frame/day.ts';
import type { Frame } from '../../src/frame/frame.ts';
import { idAt } from '../../src/frame/id.ts';
import { formatTimestamp } from '../../src/frame/timestamp.ts';
import type { Binding, ReadOptions, Warehouse } from '../../src/warehouse/warehouse.ts';
import type { TestEngine } from './engines.ts';

type Query = Partial<ReadOptions> & { readonly bindings?: readonly Binding[] };

/** Reads one query in a session of its own. */
export async function readOnce(engine: TestEngine, sql: string, query: Query = {}): Promise<Frame> {
  return withWarehouse(engine, (warehouse) => readSql(warehouse, sql, query));
}

export function readSql(warehouse: Warehouse, sql: string, { bindings = [], ...options }: Query = {}): Promise<Frame> {
  return warehouse.read({ file: 'sql/test/customers.sql', sql, bindings }, { timeoutMs: 120_000, ...options });
}

export async function withWarehouse<T>(engine: TestEngine, work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
  const warehouse = await engine.open();
  try {
    return await work(warehouse);
  } finally {
    await warehouse.close();
  }
}

/** The SegtagError that a read ends with; anything else fails the test. */
export async function failureOf(reading: Promise<unknown>): Promise<SegtagError> {
  const error = await reading.then(
    () => expect.fail('the read was expected to fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SegtagError);
  return error as SegtagError;
}

/** The values of a column in a form that a person can compare. */
export function valuesOf(frame: Frame, name: string): unknown[] {
  const column = frame.columns.get(name);
  if (!column) throw new Error(`no column "${name}"`);
  return Array.from({ length: frame.rowCount }, (_, row) => (isNull(column, row) ? null : valueAt(column, row)));
}

function valueAt(column: Column, row: number): unknown {
  switch (column.kind) {
    case 'number':
      return column.values[row];
    case 'boolean':
      return column.values[row] === 1;
    case 'day':
      return formatDay(column.values[row] as Day);
    case 'timestamp':
      return formatTimestamp(column.values[row]!);
    case 'text':
      return column.dictionary[column.codes[row]!];
    case 'id':
      return idAt(column, row);
  }
}

/** `SELECT … AS x UNION ALL SELECT …`, one row per expression, in order. */
export function rowsOf(expressions: readonly string[]): string {
  const rows = expressions.map((expression, index) => `SELECT ${index} AS row_number, ${expression} AS x`);
  return `SELECT x FROM (${rows.join(' UNION ALL ')}) AS t ORDER BY row_number`;
}
