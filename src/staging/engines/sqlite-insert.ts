import type { Value } from './rows.ts';

/** Lists of up to six, and of eight and ten, fit in without one being torn. */
const rowsPerInsert = 120;

export type Insert = { run(values: readonly unknown[]): unknown };
export type Prepare = (sql: string) => Insert;

/** Takes rows one by one; they stand in the table when it is told that there are no more. */
export type RowInserter = { add(row: readonly Value[]): void; finish(): void };

/**
 * Inserts rows, many per statement. Handing a value to the driver costs more than storing it, so a value that stands in
 * several rows by a rule is handed over once.
 */
export function insertsRows(prepare: Prepare, table: string, columns: readonly string[]): RowInserter {
  const head = `insert into ${table} (${columns.join(', ')}) values `;
  const prepared = new Map<string, Insert>();
  let batch: (readonly Value[])[] = [];
  const finish = (): void => {
    if (batch.length === 0) return;
    const layouts = columns.map((_, column) => layoutOf(batch.map((row) => row[column]!)));
    const shape = `${batch.length} ${layouts.map(({ rule, period }) => rule + period).join(' ')}`;
    const insert = prepared.get(shape) ?? prepare(head + numberedRows(layouts, batch.length));
    prepared.set(shape, insert);
    insert.run(layouts[0]!.handed.concat(...layouts.slice(1).map(({ handed }) => handed)));
    batch = [];
  };
  return {
    add(row) {
      if (batch.push(row) === rowsPerInsert) finish();
    },
    finish,
  };
}

/** A column's values within a statement: each stands in so many rows in turn, or all come again after so many rows. */
type Layout = { readonly rule: 'held' | 'again'; readonly period: number; readonly handed: readonly Value[] };

function layoutOf(values: readonly Value[]): Layout {
  const [first] = values;
  const other = values.findIndex((value) => value !== first);
  const held = other < 0 ? values.length : other;
  if (held > 1 && values.every((value, row) => value === values[row - (row % held)]))
    return { rule: 'held', period: held, handed: values.filter((_, row) => row % held === 0) };
  const again = values.indexOf(first!, 1);
  if (again > 1 && values.every((value, row) => value === values[row % again]))
    return { rule: 'again', period: again, handed: values.slice(0, again) };
  return { rule: 'held', period: 1, handed: values };
}

/** The parameters of each row; those of a column follow each other. */
function numberedRows(layouts: readonly Layout[], rowCount: number): string {
  let next = 1;
  const parameters = layouts.map(({ rule, period, handed }) => {
    const from = next;
    next += handed.length;
    return (row: number): string => `?${from + (rule === 'held' ? Math.floor(row / period) : row % period)}`;
  });
  const rowAt = (row: number): string => `(${parameters.map((of) => of(row)).join(', ')})`;
  return Array.from({ length: rowCount }, (_, row) => rowAt(row)).join(', ');
}
