import type { RunSummary } from '../../pipeline/summary.ts';
import { formatShare } from './numbers.ts';
import { formatTable } from './table.ts';

/** How the texts that are features are spread in each segment; empty where there are none. */
export function sharesText({ segments }: Pick<RunSummary, 'segments'>, width: number | undefined): string {
  // A summary stored before segments had shares has none.
  const shown = segments.filter(({ shares }) => Object.keys(shares ?? {}).length > 0);
  const rows = Object.entries(shown[0]?.shares ?? {}).flatMap(([column, texts]) =>
    Object.keys(texts).map((text) => [
      `${column}: ${text}`,
      ...shown.map(({ shares }) => formatShare(shares[column]?.[text] ?? 0)),
    ]),
  );
  if (rows.length === 0) return '';
  const titles = [
    { title: 'Share with', align: 'left' } as const,
    ...shown.map(({ name }) => ({ title: name, align: 'right' }) as const),
  ];
  return formatTable(titles, rows, width);
}
