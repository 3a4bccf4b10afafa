import type { Recommended } from './recommend.ts';

/** What is offered to the customers and to each segment; names no customer. */
export type RecommendationSummary = {
  readonly rules: number;
  /** Entries of customers' lists, and of them those that a product of the customer's led to. */
  readonly offers: number;
  readonly offers_by_rule: number;
  /** Customers with a list. */
  readonly customers: number;
  /** Different products that customers are offered. */
  readonly products: number;
  readonly lists_written: number;
  readonly lists_removed: number;
  readonly segments: readonly {
    readonly segment: string;
    /** Best first. */
    readonly products: readonly { readonly product_id: string; readonly score: number }[];
  }[];
};

/** The recommendations of a run in numbers, and the lists of its segments. */
export function summariseOffers({ offers, counts, segments }: Recommended): RecommendationSummary {
  const { offsets, products, origin } = offers.lists;
  return {
    rules: offers.rules.count,
    offers: products.length,
    offers_by_rule: origin.reduce((sum, from) => sum + (from >= 0 ? 1 : 0), 0),
    customers: offsets.reduce((sum, end, i) => sum + (i > 0 && end > offsets[i - 1]! ? 1 : 0), 0),
    products: new Set(products).size,
    lists_written: counts.written,
    lists_removed: counts.removed,
    segments: segments.map(({ segment, products: listed }) => ({
      segment,
      products: listed.map(({ productId, score }) => ({ product_id: productId, score })),
    })),
  };
}
