import type { Purchases } from './purchases.ts';
import { shrunk } from './rule-measures.ts';

/** Products, best first. */
export type Ranking = { readonly products: Int32Array; readonly score: Float64Array };

export type Popularity = {
  /** What each segment buys more than others do, in the order of the segments. */
  readonly segments: readonly Ranking[];
  /** What most customers have; the score is their share, 0..1. */
  readonly overall: Ranking;
};

export type PopularityInput = {
  readonly purchases: Purchases;
  /** Of each customer, -1 for none: who has none counts nowhere. */
  readonly segmentOf: Int32Array;
  readonly segmentCount: number;
  readonly productCount: number;
  /** Products that fewer customers of a segment have are not in its ranking. */
  readonly minBuyers: number;
};

/**
 * Ranks products by how typical they are of each segment: the share of its customers that have the
 * product over the share of all customers that have it, shrunk by the number of buyers in the segment.
 * It counts customers, not orders or units, so that one wholesaler doesn't decide for a segment. Equal
 * scores: more buyers first, then the product whose id is first bytewise. An empty segment has no products.
 */
export function rankPopularity({ purchases, ...input }: PopularityInput): Popularity {
  const { segmentOf, segmentCount, productCount, minBuyers } = input;
  const buyers = Array.from({ length: segmentCount }, () => new Uint32Array(productCount));
  const sizes = new Uint32Array(segmentCount);
  const everyone = new Uint32Array(productCount);
  for (let customer = 0; customer < segmentOf.length; customer++) {
    const segment = segmentOf[customer]!;
    if (segment < 0) continue;
    sizes[segment]!++;
    for (let i = purchases.offsets[customer]!; i < purchases.offsets[customer + 1]!; i++) {
      buyers[segment]![purchases.products[i]!]!++;
      everyone[purchases.products[i]!]!++;
    }
  }
  const customers = sizes.reduce((sum, size) => sum + size, 0);
  const segments = buyers.map((counts, segment) =>
    rank(counts, Math.max(1, minBuyers), (product) => {
      const index = (counts[product]! * customers) / (sizes[segment]! * everyone[product]!);
      return shrunk(index, counts[product]!);
    }),
  );
  return { segments, overall: rank(everyone, Math.max(1, minBuyers), (product) => everyone[product]! / customers) };
}

function rank(buyers: Uint32Array, least: number, scoreOf: (product: number) => number): Ranking {
  const products = Int32Array.from(buyers.keys()).filter((product) => buyers[product]! >= least);
  const scores = Float64Array.from(buyers, (count, product) => (count >= least ? scoreOf(product) : 0));
  products.sort((x, y) => scores[y]! - scores[x]! || buyers[y]! - buyers[x]! || x - y);
  return { products, score: Float64Array.from(products, (product) => scores[product]!) };
}
