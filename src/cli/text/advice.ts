import type { CustomerAdvice } from '../../pipeline/inquiries/advise.ts';
import { formatCount, formatShare, formatValue } from './numbers.ts';
import { formatTable } from './table.ts';

const productColumns = [
  { title: 'Rank', align: 'right' },
  { title: 'Product', align: 'left', isWhole: true },
  { title: 'Score', align: 'right' },
  { title: 'Why', align: 'left' },
  { title: 'Confidence', align: 'right' },
  { title: 'Lift', align: 'right' },
  { title: 'Support', align: 'right', isSpare: true },
] as const;

const similarColumns = [
  { title: 'Customer', align: 'left', isWhole: true },
  { title: 'Cosine', align: 'right' },
  { title: 'Products in common', align: 'right' },
  { title: 'Segment', align: 'left' },
] as const;

/** What to offer a customer, for a person. */
export function adviceText(advice: CustomerAdvice, width: number | undefined): string {
  const { customer_id: id, job, segment, owned, products, similar, as_of: asOf } = advice;
  const offered = products.map(({ rank, product_id: product, score, reason, rule }) => [
    String(rank),
    product,
    score.toFixed(3),
    reason,
    ...(rule === null
      ? ['–', '–', '–']
      : [formatShare(rule.confidence ?? 0), formatValue(rule.lift ?? 0), formatShare(rule.support ?? 0)]),
  ]);
  const alike = similar.map(({ customer_id: other, cosine, shared_products: shared, segment: theirs }) => [
    other,
    cosine.toFixed(3),
    formatCount(shared),
    theirs,
  ]);
  return [
    `${id} in ${job}: ${segment}, has ${formatCount(owned.length)} products`,
    offered.length === 0 ? 'Nothing to offer.' : formatTable(productColumns, offered, width),
    alike.length === 0 ? 'Nobody else bought what this customer has.' : formatTable(similarColumns, alike, width),
    `Of the purchases as of ${asOf}. Nothing was written.`,
  ].join('\n\n');
}
