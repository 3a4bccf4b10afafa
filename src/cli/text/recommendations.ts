import type { RunSummary } from '../../pipeline/summary.ts';
import { formatCount } from './numbers.ts';
import { formatTable } from './table.ts';

/** What is offered to each segment, and how much to customers; empty where the job recommends nothing. */
export function recommendationText({ recommendations, segments }: RunSummary, width: number | undefined): string {
  if (!recommendations) return '';
  const { customers, offers, offers_by_rule: byRule, products, rules } = recommendations;
  const nameOf = new Map(segments.map(({ segment, name }) => [segment, name]));
  const rows = recommendations.segments.map(({ segment, products: listed }) => [
    nameOf.get(segment) ?? segment,
    listed.map(({ product_id: id }) => id).join(', '),
  ]);
  const table = formatTable(
    [
      { title: 'Segment', align: 'left' },
      { title: 'Offer first', align: 'left' },
    ],
    rows,
    width,
  );
  const line = `  ${formatCount(customers)} customers get ${formatCount(offers)} offers of ${formatCount(products)} products, ${formatCount(byRule)} of them by ${formatCount(rules)} rules`;
  return rows.length === 0 ? line : `${table}\n\n${line}`;
}
