import { columnLength, isNull, type Column, type IdColumn } from '../../frame/column.ts';
import { compareIds, idAt } from '../../frame/id.ts';
import { sortedRows } from '../../frame/id-order.ts';
import { rowsAmong } from '../../frame/rows.ts';

/** How many rows repeat an earlier row in these columns. Rows with a null are never repeats, as in SQL. */
export function countRepeats(columns: readonly Column[]): number {
  const [only] = columns;
  if (columns.length === 1 && only?.kind === 'id') return countRepeatedIds(only);
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

function countRepeatedIds(column: IdColumn): number {
  const rows = rowsAmong(sortedRows(column), (row) => !isNull(column, row));
  let repeats = 0;
  for (let i = 1; i < rows.length; i++) if (compareIds(column, rows[i - 1]!, column, rows[i]!) === 0) repeats++;
  return repeats;
}

function valueAt(column: Column, row: number): string | number | bigint {
  if (column.kind === 'text') return column.codes[row]!;
  return column.kind === 'id' ? idAt(column, row) : column.values[row]!;
}
