import { DuckDBInstance } from '@duckdb/node-api';
import type { NumericColumn } from '../../src/analysis/matrix.ts';

export type Cell = string | number | boolean | null;

/** Tables that a test has made of files, to be asked in SQL. */
export type Tables = {
  run(sql: string): Promise<void>;
  /** Whole numbers of any width and decimals become numbers, days and times text. */
  rows(sql: string): Promise<Record<string, Cell>[]>;
  /** The only row. */
  one(sql: string): Promise<Record<string, Cell>>;
  /** All columns of the answer, which must be numbers. */
  columns(sql: string): Promise<NumericColumn[]>;
  close(): void;
};

/** Runs these statements in an empty database. */
export async function openTables(...statements: readonly string[]): Promise<Tables> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const sql of statements) await connection.run(sql);
  const rows = async (sql: string): Promise<Record<string, Cell>[]> => {
    const found = (await connection.runAndReadAll(sql)).getRowObjectsJS();
    return found.map((row) => Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, cellOf(cell)])));
  };
  return {
    rows,
    run: async (sql) => void (await connection.run(sql)),
    one: async (sql) => {
      const [row, ...others] = await rows(sql);
      if (!row || others.length > 0) throw new Error(`not one row: ${sql}`);
      return row;
    },
    columns: async (sql) => {
      const columns = (await connection.runAndReadAll(sql)).getColumnsObjectJS();
      return Object.entries(columns).map(([name, cells]) => ({ name, values: Float64Array.from(cells, Number) }));
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('.000Z', '');
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  throw new Error(`no plain value: ${String(value)}`);
}
