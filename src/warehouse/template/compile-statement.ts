import type { Dialect, Statement } from '../warehouse.ts';

export type CompiledStatement = {
  readonly sql: string;
  readonly values: readonly (string | number | boolean)[];
};

/**
 * The statement in the driver's own notation: `$1`, `$2`, … for PostgreSQL and DuckDB, `?` for MySQL and
 * Vertica; dates become text. Values never touch the SQL.
 *
 * Knex's raw compilation isn't used: it takes the question mark in `'\\?'`, as in a regular expression,
 * for a binding, and for MySQL it leaves the backslash of an escaped question mark in the SQL.
 */
export function compileStatement(statement: Statement, dialect: Dialect): CompiledStatement {
  let count = 0;
  const sql = statement.sql.replaceAll(/\\\?|\?/g, (mark) => {
    if (mark !== '?') return '?';
    count++;
    return placeholder(dialect, count);
  });
  if (count !== statement.bindings.length)
    throw new Error(`${statement.file} has ${count} places for ${statement.bindings.length} bindings`);
  const values = statement.bindings.map((binding) => (typeof binding === 'object' ? binding.date : binding));
  return { sql, values };
}

/** How a driver wants the n-th binding written, from 1. */
export function placeholder(dialect: Dialect, n: number): string {
  return dialect === 'postgres' || dialect === 'duckdb' ? `$${n}` : '?';
}
