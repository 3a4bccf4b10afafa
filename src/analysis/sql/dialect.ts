/** Engines that a statement can be written for. */
export const sqlDialects = ['duckdb', 'postgres', 'mysql', 'sqlite', 'vertica'] as const;
export type SqlDialect = (typeof sqlDialects)[number];

/** A name as the engine quotes it. */
export function quoteName(name: string, dialect: SqlDialect): string {
  const mark = dialect === 'mysql' ? '`' : '"';
  return `${mark}${name.replaceAll(mark, mark + mark)}${mark}`;
}

/**
 * A finite number as a literal: the shortest digits that give this double back, with an exponent, so that
 * engines read a double and not a decimal; a negative one in parentheses.
 */
export function numberLiteral(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`${value} has no SQL literal`);
  const text = value.toExponential();
  return value < 0 ? `(${text})` : text;
}

/** A text as a literal. */
export function textLiteral(text: string, dialect: SqlDialect): string {
  const escaped = dialect === 'mysql' ? text.replaceAll('\\', '\\\\') : text;
  return `'${escaped.replaceAll("'", "''")}'`;
}

/** An expression as a double. */
export function asDouble(expression: string, dialect: SqlDialect): string {
  switch (dialect) {
    case 'sqlite':
      return `CAST(${expression} AS REAL)`;
    case 'mysql':
    case 'duckdb':
      return `CAST(${expression} AS DOUBLE)`;
    default:
      return `CAST(${expression} AS DOUBLE PRECISION)`;
  }
}

/** An expression as a double; NULL for a NaN, which some engines have above all numbers and others beside them. */
export function asNumber(expression: string, dialect: SqlDialect): string {
  const value = asDouble(expression, dialect);
  return hasNaN(dialect) ? `CASE WHEN ${isNumber(value, dialect)} THEN ${value} END` : value;
}

/** True for a double that is no NaN, in an engine that knows NaN. */
export function isNumber(value: string, dialect: SqlDialect): string {
  return `${value} <= ${asDouble("'Infinity'", dialect)}`;
}

export function hasNaN(dialect: SqlDialect): boolean {
  return dialect !== 'mysql' && dialect !== 'sqlite';
}

/** Two expressions of text, or a column and a literal, ready to be compared byte by byte. */
export function asBytes(expression: string, dialect: SqlDialect): string {
  switch (dialect) {
    case 'postgres':
      return `CAST(${expression} AS TEXT) COLLATE "C"`;
    case 'mysql':
      // Binary collations of MySQL ignore trailing blanks; the digits of the bytes don't.
      return `HEX(CONVERT(${expression} USING utf8mb4))`;
    case 'sqlite':
      return `CAST(${expression} AS TEXT) COLLATE BINARY`;
    default:
      return `CAST(${expression} AS VARCHAR)`;
  }
}
