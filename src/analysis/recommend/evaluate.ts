/** How well lists hit what was bought later; all between 0 and 1. */
export type Evaluation = {
  /** Customers that bought something later; the others tell nothing. */
  readonly customers: number;
  /** Share of customers with at least one hit among their first k. */
  readonly hitRate: number;
  /** Hits among the first k, over k. */
  readonly precision: number;
  /** Mean average precision, divided by min(k, bought later). */
  readonly map: number;
  /** Discounted gain over that of the best possible list. */
  readonly ndcg: number;
  /** Share of the catalogue that was recommended to anybody. */
  readonly coverage: number;
};

/**
 * Compares each customer's list, best first, with what they bought afterwards. Lists shorter than k have
 * no hit on the places they lack; a list must not name a product twice. With nobody to judge by, all but
 * coverage is NaN. Measures as in implicit's ranking_metrics_at_k; precision over k, not over what could be hit.
 */
export function evaluateLists(
  lists: readonly (readonly number[])[],
  boughtLater: readonly ReadonlySet<number>[],
  { k, productCount }: { readonly k: number; readonly productCount: number },
): Evaluation {
  const sums = { customers: 0, hitRate: 0, precision: 0, map: 0, ndcg: 0 };
  const recommended = new Set<number>();
  for (const [customer, list] of lists.entries()) {
    const first = list.slice(0, k);
    for (const product of first) recommended.add(product);
    const relevant = boughtLater[customer]!;
    if (relevant.size === 0) continue;
    const scores = scoreList(first, relevant, k);
    sums.customers++;
    sums.hitRate += scores.hits > 0 ? 1 : 0;
    sums.precision += scores.hits / k;
    sums.map += scores.averagePrecision;
    sums.ndcg += scores.gain;
  }
  const mean = (sum: number): number => sum / sums.customers;
  return {
    customers: sums.customers,
    hitRate: mean(sums.hitRate),
    precision: mean(sums.precision),
    map: mean(sums.map),
    ndcg: mean(sums.ndcg),
    coverage: recommended.size / productCount,
  };
}

function scoreList(list: readonly number[], relevant: ReadonlySet<number>, k: number) {
  const possible = Math.min(k, relevant.size);
  let hits = 0;
  let precisions = 0;
  let gain = 0;
  let bestGain = 0;
  for (let place = 1; place <= k; place++) {
    const discount = Math.log2(place + 1);
    if (place <= possible) bestGain += 1 / discount;
    const product = list[place - 1];
    if (product === undefined || !relevant.has(product)) continue;
    hits++;
    precisions += hits / place;
    gain += 1 / discount;
  }
  return { hits, averagePrecision: precisions / possible, gain: gain / bestGain };
}
