import { setImmediate as turn } from 'node:timers/promises';
import { batches, type Value } from './engine.ts';

const rowsPerInsert = 100;

type Insert = { run(values: readonly unknown[]): unknown };
type Load = { readonly table: string; readonly columns: readonly string[]; readonly rows: Iterable<readonly Value[]> };

/**
 * Inserts rows, many per statement. Handing a value to the driver costs more than storing it, so a value that is the same
 * in all rows of a statement is handed over once.
 */
export async function insertRows(prepare: (sql: string) => Insert, { table, columns, rows }: Load): Promise<void> {
  const head = `insert into ${table} (${columns.join(', ')}) values `;
  const prepared = new Map<string, Insert>();
  for (const batch of batches(rows, rowsPerInsert)) {
    const [first = []] = batch;
    const isShared = first.map((value, column) => batch.every((row) => row[column] === value));
    const shape = `${batch.length} ${isShared.join(' ')}`;
    const insert = prepared.get(shape) ?? prepare(head + numberedRows(isShared, batch.length));
    prepared.set(shape, insert);
    const own = batch.flatMap((row) => row.filter((_, column) => !isShared[column]));
    insert.run([...first.filter((_, column) => isShared[column]), ...own]);
    await turn();
  }
}

/** The parameters of each row: those of shared columns come first, and again in each row. */
function numberedRows(isShared: readonly boolean[], rowCount: number): string {
  let next = 0;
  const shared = isShared.map((is) => (is ? `?${++next}` : undefined));
  const row = (): string => `(${shared.map((parameter) => parameter ?? `?${++next}`).join(', ')})`;
  return Array.from({ length: rowCount }, row).join(', ');
}
