import { cellText, type Table } from '../../report/table.ts';
import { formatTable } from './table.ts';

/** A table of the report for the terminal; empty cells stay empty. */
export function formatReportTable({ columns, rows }: Table, width?: number): string {
  return formatTable(
    columns.map(({ title, kind }) => ({ title, align: kind === 'text' ? 'left' : 'right' })),
    rows.map((row) => row.map((cell, i) => (cell === null ? '' : cellText(cell, columns[i]!.kind)))),
    width,
  );
}
