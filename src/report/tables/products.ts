import type { NightSummary } from '../night.ts';
import { shownSegments } from '../segments.ts';
import type { Table } from '../table.ts';

const most = 5;

/** The products that lead in each segment, best first; null where the job recommends none. */
export function productTable(summary: NightSummary): Table | null {
  const lists = new Map(summary.recommendations?.segments.map(({ segment, products }) => [segment, products]));
  const rows = shownSegments(summary).flatMap((segment) =>
    (lists.get(segment.segment) ?? []).slice(0, most).map((product, i) => ({ segment, product, rank: i + 1 })),
  );
  if (rows.length === 0) return null;
  return {
    id: 'products',
    title: `The ${most} products that lead in each segment`,
    columns: [
      { title: 'Segment', kind: 'text' },
      { title: 'Rank', kind: 'count' },
      { title: 'Product', kind: 'text' },
      { title: 'Score', kind: 'measure' },
    ],
    rows: rows.map(({ segment, product, rank }) => [segment.name, rank, product.product_id, product.score]),
    segmentOfRow: rows.map(({ segment }) => segment.place),
  };
}
