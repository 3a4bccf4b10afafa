import type { RunSummary } from '../pipeline/summary.ts';
import { formatCount, formatValue } from './numbers.ts';
import { formatTable } from './table.ts';

/** A table of the trends for each grain, in the order of trends.sql. */
export function formatTrends(trends: RunSummary['trends']): string {
  const grains = [...new Set(trends.map(({ grain }) => grain))];
  return grains.map((grain) => grainTable(trends, grain)).join('\n\n');
}

function grainTable(trends: RunSummary['trends'], wanted: string): string {
  const rows = trends
    .filter(({ grain }) => grain === wanted)
    .map(({ period, invoices, revenue }) => [
      period,
      formatCount(invoices),
      revenue === null ? '–' : formatValue(revenue),
    ]);
  return formatTable(
    [
      { title: `By ${wanted}`, align: 'left' },
      { title: 'Invoices', align: 'right' },
      { title: 'Revenue', align: 'right' },
    ],
    rows,
  );
}
