import type { ColumnKind } from '../frame/column.ts';
import { SegtagError } from '../errors.ts';
import type { ColumnType } from '../job/schema.ts';
import type { ReadOptions } from './warehouse.ts';

/** What a SQL type is to us, whatever the engine calls it. A `zoned` timestamp is an instant, not a wall clock. */
export type SqlFamily =
  'integer' | 'decimal' | 'double' | 'boolean' | 'date' | 'timestamp' | 'zoned timestamp' | 'text' | 'other';

/** A column as the engine announces it; `sqlType` is the engine's own name of the type. */
export type SqlColumn = {
  readonly name: string;
  readonly family: SqlFamily;
  readonly sqlType: string;
  /** What to write instead, where the type can't be read and the engine knows better than the general advice. */
  readonly remedy?: string;
};

/** A column with the kind it is read as. */
export type ColumnPlan = SqlColumn & { readonly kind: ColumnKind };

const familiesOf: Readonly<Record<ColumnType, readonly SqlFamily[]>> = {
  number: ['integer', 'decimal', 'double'],
  money: ['integer', 'decimal', 'double'],
  text: ['text'],
  date: ['date'],
  timestamp: ['timestamp'],
  boolean: ['boolean'],
};

/** The rule that types columns, the same on all engines; a family that is absent can't be read. */
const kindOf: Readonly<Partial<Record<SqlFamily, ColumnKind>>> = {
  integer: 'number',
  decimal: 'number',
  double: 'number',
  boolean: 'boolean',
  date: 'day',
  timestamp: 'timestamp',
  text: 'text',
};

/**
 * Decides how each column of a result is read. The id column becomes ids whatever its type; the
 * others get the kind that their SQL type suggests, after the contract in `options.columns` has
 * been checked. Names are compared exactly: PostgreSQL folds unquoted names to lower case, Vertica
 * and DuckDB keep the case in which a table or an alias was written. Throws E_COLUMN_CONTRACT with
 * all missing, retyped and repeated columns at once, and E_COLUMN_VALUE for a type that can't be read.
 */
export function planColumns(
  columns: readonly SqlColumn[],
  options: Pick<ReadOptions, 'idColumn' | 'columns'>,
  file: string,
): ColumnPlan[] {
  const mistakes = [...repeated(columns), ...missing(columns, options), ...retyped(columns, options)];
  if (mistakes.length > 0)
    throw new SegtagError('E_COLUMN_CONTRACT', {
      where: file,
      what: `The columns of the result differ from what the job expects: ${mistakes.join('; ')}.`,
      remedy: 'Change the SELECT list, or the contract under source.columns.',
    });
  return columns.map((column) => ({ ...column, kind: kindOrThrow(column, options, file) }));
}

function kindOrThrow(column: SqlColumn, options: Pick<ReadOptions, 'idColumn'>, file: string): ColumnKind {
  const kind = kindOf[column.family];
  if (kind !== undefined) return column.name === options.idColumn ? 'id' : kind;
  throw new SegtagError('E_COLUMN_VALUE', {
    where: file,
    what: `Column "${column.name}" is of type ${column.sqlType}, which cannot be read.`,
    remedy:
      column.remedy ??
      (column.family === 'zoned timestamp'
        ? `An instant has a date only in some time zone. Name it in SQL: ${column.name} AT TIME ZONE 'Europe/Lisbon'.`
        : 'Cast it in SQL to text, a number, a date or a timestamp without time zone, or leave it out.'),
  });
}

function repeated(columns: readonly SqlColumn[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of columns) (seen.has(name) ? twice : seen).add(name);
  return [...twice].map((name) => `two columns are named "${name}"`);
}

function missing(columns: readonly SqlColumn[], options: Pick<ReadOptions, 'idColumn' | 'columns'>): string[] {
  const expected = new Map<string, string>(Object.entries(options.columns ?? {}));
  if (options.idColumn !== undefined && !expected.has(options.idColumn)) expected.set(options.idColumn, 'the id');
  const names = columns.map(({ name }) => name);
  return [...expected]
    .filter(([name]) => !names.includes(name))
    .map(([name, type]) => {
      const alike = names.find((other) => other.toLowerCase() === name.toLowerCase());
      const hint = alike === undefined ? '' : ` (there is "${alike}", which differs in case)`;
      return `"${name}": expected ${type}, got no such column${hint}`;
    });
}

function retyped(columns: readonly SqlColumn[], options: Pick<ReadOptions, 'idColumn' | 'columns'>): string[] {
  const contract = new Map(Object.entries(options.columns ?? {}));
  return columns.flatMap(({ name, family, sqlType }) => {
    const expected = contract.get(name);
    if (expected === undefined || familiesOf[expected].includes(family)) return [];
    if (name === options.idColumn && expected === 'text' && kindOf[family] !== undefined) return [];
    return [`"${name}": expected ${expected}, got ${sqlType}`];
  });
}

/** E_COLUMN_VALUE for an integer or decimal that a double can't hold; never says the value. */
export function tooLarge({ name, sqlType }: SqlColumn, file: string): SegtagError {
  return new SegtagError('E_COLUMN_VALUE', {
    where: file,
    what: `Column "${name}" (${sqlType}) holds a value beyond ±9,007,199,254,740,991, which a number cannot hold exactly.`,
    remedy:
      'Cast it in SQL: to text where it identifies something, to double precision where the last digits do not matter.',
  });
}

/** E_COLUMN_VALUE for a date or time that isn't in the years 1 to 9999, such as infinity. */
export function outsideCalendar({ name, sqlType }: SqlColumn, file: string): SegtagError {
  return new SegtagError('E_COLUMN_VALUE', {
    where: file,
    what: `Column "${name}" (${sqlType}) holds infinity, or a date outside the years 1 to 9999.`,
    remedy: 'Turn such dates into null or leave the rows out in SQL.',
  });
}

/** An exact decimal without needless zeros: `17850.00` is `17850`. */
export function shortestDecimal(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
