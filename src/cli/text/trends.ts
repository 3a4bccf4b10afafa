import type { RunSummary } from '../../pipeline/summary.ts';
import { weekOf, type Week } from '../../report/week.ts';
import { formatCount, formatValue } from './numbers.ts';
import { formatTable, type TableColumn } from './table.ts';

type Trends = RunSummary['trends'];

/** A table of the trends for each grain, in the order of trends.sql; weekday and hour together are one of both. */
export function formatTrends(trends: Trends): string {
  const grains = [...new Set(trends.map(({ grain }) => grain))];
  const week = weekOf(trends);
  return grains
    .map((grain) => (week !== null && grain === 'weekday_hour' ? weekTable(week) : grainTable(trends, grain)))
    .join('\n\n');
}

function grainTable(trends: Trends, wanted: string): string {
  const rows = trends
    .filter(({ grain }) => grain === wanted)
    .map(({ period, invoices, revenue }) => [
      period,
      formatCount(invoices),
      revenue === null ? '–' : formatValue(revenue),
    ]);
  return formatTable([firstColumn(`By ${wanted}`), number('Invoices'), number('Revenue')], rows);
}

function weekTable({ weekdays, hours, counts }: Week): string {
  const rows = hours.map((hour, i) => [hour, ...counts.map((row) => formatCount(row[i]!))]);
  return formatTable([firstColumn('Invoices'), ...weekdays.map((day) => number(day.slice(0, 3)))], rows);
}

function firstColumn(title: string): TableColumn {
  return { title, align: 'left' };
}

function number(title: string): TableColumn {
  return { title, align: 'right' };
}
