import type { IdColumn } from '../../frame/column.ts';
import type { Recommendations } from '../../job/schema.ts';
import { catalogueOf, type Catalogue } from './catalogue.ts';
import { rankPopularity, type Popularity } from './popularity.ts';
import { groupPurchases, type PurchaseColumns, type Purchases } from './purchases.ts';
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

/** What lists are made of. */
export type Evidence = {
  readonly catalogue: Catalogue;
  readonly purchases: Purchases;
  readonly rules: Rules;
  readonly popularity: Popularity;
};

/** Counts what purchases and pairs say, once for all lists. */
export function gatherEvidence({
  purchases,
  pairs,
  customers,
  segmentOf,
  segments,
  settings,
}: RecommendInput): Evidence {
  const { min_orders: minOrders } = settings;
  const dictionaries = [purchases.productId.dictionary, pairs.a.dictionary, pairs.b.dictionary];
  const catalogue = catalogueOf(dictionaries, settings.exclude);
  const owned = groupPurchases(purchases, customers, catalogue);
  const productCount = catalogue.productIds.length;
  const segmentCount = segments.length;
  const popularity = rankPopularity({ purchases: owned, segmentOf, segmentCount, productCount, minBuyers: minOrders });
  const support = { minOrders, minSupport: settings.min_support, minLift: settings.min_lift };
  return { catalogue, purchases: owned, rules: makeRules(pairs, catalogue, support), popularity };
}
