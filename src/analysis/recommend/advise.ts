import type { Recommendation } from '../../frame/recommendations.ts';
import { listForCustomers } from './customer-lists.ts';
import { gatherEvidence, type Evidence, type RecommendInput } from './evidence.ts';
import type { Ranking } from './popularity.ts';
import { ownedRows } from './purchases.ts';
import type { RecommendMethod } from './methods.ts';
import { customerItems } from './recommend.ts';
import { ruleMeasures, type RuleMeasures } from './rule-measures.ts';
import { pairCountOf } from './rules.ts';
import { similarCustomers, type Likeness } from './similar.ts';

export type Advice = {
  /** Best first; `rule` is the one from the product that the reason names, null where none led to it. */
  readonly items: readonly (Recommendation & { readonly rule: RuleMeasures | null })[];
  /** Products of the catalogue that the customer has, in bytewise order. */
  readonly owned: readonly string[];
  readonly similar: readonly Likeness[];
};

type AdviceOptions = {
  /** Row of the customer. */
  readonly customer: number;
  /** Undefined takes all sources in the order of a published list. */
  readonly method: RecommendMethod | undefined;
  /** Products at most. */
  readonly most: number;
  readonly mostSimilar: number;
};

/**
 * What one customer would be offered, as `makeOffers` lists it with `most` products to a customer, with the
 * measures of the rules behind it, and the customers whose purchases are most alike.
 */
export function adviseCustomer(input: RecommendInput, options: AdviceOptions): Advice {
  const { customer, method, most, mostSimilar } = options;
  const { customers, segmentOf, segments, pairs } = input;
  const evidence = gatherEvidence(input);
  const { productIds } = evidence.catalogue;
  const lists = listForCustomers({
    ...sourcesOf(evidence, method),
    segmentOf: segmentOf.map((segment, row) => (row === customer ? segment : -1)),
    productCount: productIds.length,
    perCustomer: most,
  });
  const items = customerItems(customer, lists, evidence.catalogue, segments[segmentOf[customer]!]?.segment ?? '');
  const { offsets, products } = evidence.purchases;
  const rows = ownedRows(input.purchases, customers, evidence.catalogue);
  const customerCount = segmentOf.length;
  return {
    items: items.map((item, i) => {
      const from = lists.origin[lists.offsets[customer]! + i]!;
      return { ...item, rule: from < 0 ? null : ruleMeasures(pairCountOf(pairs, productIds[from]!, item.productId)) };
    }),
    owned: Array.from(products.subarray(offsets[customer], offsets[customer + 1]), (product) => productIds[product]!),
    similar: similarCustomers(rows, input.purchases.orders.values, { customer, customerCount, most: mostSimilar }),
  };
}

const nothing: Ranking = { products: new Int32Array(), score: new Float64Array() };

function sourcesOf(evidence: Evidence, method: RecommendMethod | undefined): Omit<Evidence, 'catalogue'> {
  const { purchases, rules, popularity, catalogue } = evidence;
  if (method === 'pairs') {
    return { purchases, rules, popularity: { segments: popularity.segments.map(() => nothing), overall: nothing } };
  }
  if (method === undefined) return { purchases, rules, popularity };
  const offsets = new Uint32Array(catalogue.productIds.length + 1);
  const noRules = { count: 0, offsets, consequent: new Int32Array(), score: new Float64Array() };
  return { purchases, rules: noRules, popularity: { ...popularity, overall: nothing } };
}
