import type { RunSummary } from '../../pipeline/summary.ts';
import { formatCount, formatValue } from './numbers.ts';
import { formatTable } from './table.ts';

/** How customers were scored: where each axis was cut, and how many customers have each score; empty where none were. */
export function scoringText({ scoring }: RunSummary): string {
  if (!scoring) return '';
  const rows = scoring.axes.map(({ axis, column, better, edges, customers }) => [
    axis,
    `${column}, ${better === 'low' ? 'fewer is better' : 'more is better'}`,
    edges.map(formatValue).join(' · '),
    customers.map(formatCount).join(' · '),
  ]);
  const titles = ['Score', 'Column', 'Cut at', 'Customers with 1, 2 and so on'];
  const table = formatTable(
    titles.map((title) => ({ title, align: 'left' }) as const),
    rows,
  );
  return scoring.empty.length === 0 ? table : `${table}\n  Nobody is in ${scoring.empty.join(', ')}.`;
}
