import type { Recommendation } from '../../frame/recommendations.ts';
import { findAlike, type Alike } from './alike.ts';
import type { Catalogue } from './catalogue.ts';
import { fromEveryone, fromSegment, listForCustomers, type CustomerLists } from './customer-lists.ts';
import { gatherEvidence, type RecommendInput } from './evidence.ts';
import type { Popularity } from './popularity.ts';
import type { Rules } from './rules.ts';

/** What is offered to whom, by customer row and by index of segment; and what it rests on. */
export type Offers = {
  readonly lists: CustomerLists;
  readonly rules: Rules;
  /** Rows of purchases of customers that are not among tonight's. */
  readonly strangers: number;
  /** The same array for customers of a segment who are offered the same, as far as these lists are not too many. */
  toCustomer(row: number): readonly Recommendation[];
  countToCustomer(row: number): number;
  toSegment(index: number): readonly Recommendation[];
};

/** Makes the lists of all customers and segments from purchases and pairs; scores are rounded to six decimals. */
export function makeOffers(input: RecommendInput): Offers {
  const { segmentOf, segments, settings } = input;
  const { catalogue, purchases, rules, popularity } = gatherEvidence(input);
  const productCount = catalogue.productIds.length;
  const perCustomer = settings.per_customer;
  const lists = listForCustomers({ purchases, rules, popularity, segmentOf, productCount, perCustomer });
  const slugs = segments.map(({ segment }) => segment);
  const make = (row: number): Recommendation[] => customerItems(row, lists, catalogue, slugs[segmentOf[row]!] ?? '');
  return {
    lists,
    rules,
    strangers: purchases.strangers,
    toCustomer: madeOnce(findAlike(lists, segmentOf), make),
    countToCustomer: (row) => lists.offsets[row + 1]! - lists.offsets[row]!,
    toSegment: (index) => segmentItems(popularity, index, settings.per_segment, catalogue, slugs[index]!),
  };
}

/** Different lists that are kept, at most. */
const mostKept = 20_000;

function madeOnce({ first, repeats }: Alike, make: (row: number) => Recommendation[]): Offers['toCustomer'] {
  const made = new Map<number, Recommendation[]>();
  return (row) => {
    const found = made.get(first[row]!);
    if (found) return found;
    const items = make(row);
    if (repeats[first[row]!] === 1 && made.size < mostKept) made.set(first[row]!, items);
    return items;
  };
}

/** The list of a customer in words. */
export function customerItems(
  row: number,
  { offsets, products, score, origin }: CustomerLists,
  { productIds }: Catalogue,
  segment: string,
): Recommendation[] {
  const reasonOf = (from: number): string => {
    if (from === fromSegment) return typicalOf(segment);
    return from === fromEveryone ? 'bought by most' : `bought with ${productIds[from]}`;
  };
  const first = offsets[row]!;
  return Array.from({ length: offsets[row + 1]! - first }, (_, i) => ({
    productId: productIds[products[first + i]!]!,
    score: rounded(score[first + i]!),
    reason: reasonOf(origin[first + i]!),
  }));
}

function segmentItems(
  { segments }: Popularity,
  index: number,
  most: number,
  { productIds }: Catalogue,
  segment: string,
): Recommendation[] {
  const { products, score } = segments[index]!;
  return Array.from(products.subarray(0, most), (product, i) => ({
    productId: productIds[product]!,
    score: rounded(score[i]!),
    reason: typicalOf(segment),
  }));
}

function typicalOf(segment: string): string {
  return `typical of ${segment}`;
}

function rounded(score: number): number {
  return Number(score.toFixed(6));
}
