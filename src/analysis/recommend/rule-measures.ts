/** How many orders hold a, b and both, of how many in all. */
export type PairCount = {
  readonly ordersA: number;
  readonly ordersB: number;
  readonly ordersAb: number;
  readonly ordersTotal: number;
};

/** What the orders say of the rule "who buys a buys b". */
export type RuleMeasures = {
  /** Share of orders with both, 0..1. */
  readonly support: number;
  /** Share of the orders with a that also have b, 0..1. */
  readonly confidence: number;
  /** How many times as often as if a and b had nothing to do with one another. */
  readonly lift: number;
  /** Share of orders with both, above that which chance would give. */
  readonly leverage: number;
  /** How much more often the rule would fail by chance; Infinity when it never fails. */
  readonly conviction: number;
  /** -1 (never together) to 1 (always together), 0 by chance. */
  readonly zhang: number;
};

/**
 * The measures of the rule a → b. Counts are whole and `0 < ordersA, ordersB ≤ ordersTotal`,
 * `ordersAb ≤ ordersA, ordersB`; anything else gives NaN or nonsense, so check before. Conviction is
 * Infinity at confidence 1, and Zhang's measure 0 where its denominator is 0. The formulas are those of
 * mlxtend's association_rules, computed in the same order of operations.
 */
export function ruleMeasures({ ordersA, ordersB, ordersAb, ordersTotal }: PairCount): RuleMeasures {
  const [a, b, support] = [ordersA / ordersTotal, ordersB / ordersTotal, ordersAb / ordersTotal];
  const confidence = support / a;
  const leverage = support - a * b;
  const most = Math.max(support * (1 - a), a * (b - support));
  return {
    support,
    confidence,
    lift: confidence / b,
    leverage,
    conviction: confidence < 1 ? (1 - b) / (1 - confidence) : Number.POSITIVE_INFINITY,
    zhang: most === 0 ? 0 : leverage / most,
  };
}

/** The lift out of whole numbers, with one rounding: the same for a → b and b → a, so that ties are ties. */
export function liftOf({ ordersA, ordersB, ordersAb, ordersTotal }: PairCount): number {
  return (ordersAb * ordersTotal) / (ordersA * ordersB);
}

/** Observations that weigh as much as the belief that nothing is going on. */
const priorWeight = 20;

/** A ratio, drawn towards 0 the fewer observations it rests on: few orders make large ratios by accident. */
export function shrunk(ratio: number, observations: number): number {
  return (ratio * observations) / (observations + priorWeight);
}
