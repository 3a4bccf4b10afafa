/** A value as engines take it. */
export type Value = string | number | null;

/** Rows of several columns; the same array wherever they are the same, so that an engine has to see to them only once. */
export type SharedRows = readonly (readonly Value[])[];

/** What a customer or another subject says by itself, once for each of the rows that it may have in common with others. */
export type Part = { readonly own: readonly Value[]; readonly shared: SharedRows };

/** Rows to insert: those of a part are its own values followed by those of each shared row. */
export type BulkLoad = {
  readonly table: string;
  readonly own: readonly string[];
  readonly shared: readonly string[];
  readonly parts: Iterable<Part>;
};

/** The columns in the order of the rows' values. */
export function columnsOf({ own, shared }: BulkLoad): string[] {
  return [...own, ...shared];
}

/** The rows one by one. */
export function* rowsOf(parts: Iterable<Part>): Generator<Value[]> {
  for (const { own, shared } of parts) for (const row of shared) yield [...own, ...row];
}

/** Groups rows into arrays of at most `size`. */
export function* batches<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    if (batch.push(item) < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** A parenthesised list of placeholders for each row of a multi-row INSERT. */
export function placeholders(columnCount: number, rowCount: number): string {
  const row = `(${Array<string>(columnCount).fill('?').join(', ')})`;
  return Array<string>(rowCount).fill(row).join(', ');
}
