import { columnLength, isNull, type Column, type IdColumn } from '../../frame/column.ts';
import { compareIds, idAt } from '../../frame/id.ts';
import { sortedRows } from '../../frame/id-order.ts';

/** Rows in bytewise order of their ids, for whoever has sorted them already. */
export type SortedIds = { readonly ids: IdColumn; readonly rows: Uint32Array };

/** How many rows repeat an earlier row in these columns. Rows with a null are never repeats, as in SQL. */
export function countRepeats(columns: readonly Column[], sorted?: SortedIds): number {
  const [only] = columns;
  if (columns.length === 1 && only?.kind === 'id')
    return countRepeatedIds(only, sorted?.ids === only ? sorted.rows : sortedRows(only));
  const rowCount = columnLength(columns[0]!);
  const seen = new Set<string>();
  let repeats = 0;
  for (let row = 0; row < rowCount; row++) {
    if (columns.some((column) => isNull(column, row))) continue;
    const key = JSON.stringify(columns.map((column) => String(valueAt(column, row))));
    if (seen.has(key)) repeats++;
    else seen.add(key);
  }
  return repeats;
}

function countRepeatedIds(column: IdColumn, sorted: Uint32Array): number {
  let repeats = 0;
  let last = -1;
  for (let i = 0; i < sorted.length; i++) {
    const row = sorted[i]!;
    if (isNull(column, row)) continue;
    if (last >= 0 && compareIds(column, last, column, row) === 0) repeats++;
    last = row;
  }
  return repeats;
}

function valueAt(column: Column, row: number): string | number | bigint {
  if (column.kind === 'text') return column.codes[row]!;
  return column.kind === 'id' ? idAt(column, row) : column.values[row]!;
}
