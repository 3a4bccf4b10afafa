import type { RunSummary } from '../../pipeline/summary.ts';
import { formatCount, formatShare } from './numbers.ts';
import { formatTable, type TableColumn } from './table.ts';

/** The customers of each plain rule by the segment that they are in; empty where the job has no rule beside. */
export function agreementText({ rule_tag: agreement, segments }: RunSummary, width?: number): string {
  if (!agreement || agreement.share === null) return '';
  const { cells, share, customers } = agreement;
  const shown = segments.filter(({ segment }) => cells.some((cell) => cell.segment === segment));
  const titles: TableColumn[] = [
    { title: 'Plain rule', align: 'left' },
    ...shown.map(({ name }) => ({ title: name, align: 'right' }) as const),
  ];
  const rows = [...new Set(cells.map(({ rule }) => rule))].map((rule) => [
    rule,
    ...shown.map(({ segment }) => {
      const cell = cells.find((each) => each.rule === rule && each.segment === segment);
      return cell ? `${formatCount(cell.customers)} (${formatShare(cell.share)})` : '';
    }),
  ]);
  const line = `  The plain rule agrees with the segment of ${formatShare(share)} of ${formatCount(customers)} customers`;
  return `${formatTable(titles, rows, width)}\n\n${line}`;
}
