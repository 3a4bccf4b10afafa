import type { IdColumn } from '../../frame/column.ts';
import type { Recommendation } from '../../frame/recommendations.ts';
import type { Recommendations } from '../../job/schema.ts';
import { catalogueOf, type Catalogue } from './catalogue.ts';
import { fromEveryone, fromSegment, listForCustomers, type CustomerLists } from './customer-lists.ts';
import { rankPopularity, type Popularity } from './popularity.ts';
import { groupPurchases, type PurchaseColumns } from './purchases.ts';
import { makeRules, type PairColumns, type Rules } from './rules.ts';

export type RecommendInput = {
  readonly purchases: PurchaseColumns;
  /** Must have passed `impossiblePair`. */
  readonly pairs: PairColumns;
  /** In bytewise order without repeats. */
  readonly customers: IdColumn;
  /** Index into `segments` of each customer, -1 for none. */
  readonly segmentOf: Int32Array;
  readonly segments: readonly { readonly segment: string }[];
  readonly settings: Recommendations;
};

/** What is offered to whom, by customer row and by index of segment; and what it rests on. */
export type Offers = {
  readonly lists: CustomerLists;
  readonly rules: Rules;
  /** Rows of purchases of customers that are not among tonight's. */
  readonly strangers: number;
  toCustomer(row: number): readonly Recommendation[];
  countToCustomer(row: number): number;
  toSegment(index: number): readonly Recommendation[];
};

/** Makes the lists of all customers and segments from purchases and pairs; scores are rounded to six decimals. */
export function makeOffers({ purchases, pairs, customers, segmentOf, segments, settings }: RecommendInput): Offers {
  const { per_customer: perCustomer, min_orders: minOrders } = settings;
  const dictionaries = [purchases.productId.dictionary, pairs.a.dictionary, pairs.b.dictionary];
  const catalogue = catalogueOf(dictionaries, settings.exclude);
  const owned = groupPurchases(purchases, customers, catalogue);
  const productCount = catalogue.productIds.length;
  const segmentCount = segments.length;
  const popularity = rankPopularity({ purchases: owned, segmentOf, segmentCount, productCount, minBuyers: minOrders });
  const support = { minOrders, minSupport: settings.min_support, minLift: settings.min_lift };
  const rules = makeRules(pairs, catalogue, support);
  const lists = listForCustomers({ purchases: owned, rules, popularity, segmentOf, productCount, perCustomer });
  const slugs = segments.map(({ segment }) => segment);
  return {
    lists,
    rules,
    strangers: owned.strangers,
    toCustomer: (row) => customerItems(row, lists, catalogue, slugs[segmentOf[row]!] ?? ''),
    countToCustomer: (row) => lists.offsets[row + 1]! - lists.offsets[row]!,
    toSegment: (index) => segmentItems(popularity, index, settings.per_segment, catalogue, slugs[index]!),
  };
}

function customerItems(
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
