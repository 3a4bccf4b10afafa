/** A share of nothing counts as this much, so that the logarithm is finite. */
const smallestShare = 1e-4;

/** Customers that were in one segment and are now in another, or in the same. */
export type Transition = { readonly from: string; readonly to: string; readonly customers: number };

/**
 * Population stability index: `Σ (a - e) ln(a / e)` over the parts, where `expected` and `actual` are
 * sizes in the same order, taken as shares; a share of 0 counts as 0.0001. 0 when nothing changed;
 * below 0.1 is read as stable, above 0.25 as another population. NaN when either side is empty.
 */
export function populationStabilityIndex(expected: readonly number[], actual: readonly number[]): number {
  const [before, after] = [sharesOf(expected), sharesOf(actual)];
  return before.reduce((sum, share, i) => {
    const e = Math.max(share, smallestShare);
    const a = Math.max(after[i]!, smallestShare);
    return sum + (a - e) * Math.log(a / e);
  }, 0);
}

/**
 * Adjusted Rand index (Hubert and Arabie, 1985) of two ways of grouping the same customers, given as
 * the table of their transitions: 1 for the same groups whatever they are called, about 0 for chance.
 * 1 when both ways have one group, or each customer one of its own; NaN without customers.
 */
export function adjustedRandIndex(transitions: readonly Transition[]): number {
  const cells = transitions.map(({ customers }) => customers);
  const pairs = sumOfPairs(cells);
  const fromPairs = sumOfPairs(sumsBy(transitions, 'from'));
  const toPairs = sumOfPairs(sumsBy(transitions, 'to'));
  const customers = cells.reduce((sum, count) => sum + count, 0);
  if (customers === 0) return NaN;
  const expected = customers < 2 ? 0 : (fromPairs * toPairs) / choosePairs(customers);
  const highest = (fromPairs + toPairs) / 2;
  return highest === expected ? 1 : (pairs - expected) / (highest - expected);
}

function sharesOf(sizes: readonly number[]): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => size / total);
}

function sumsBy(transitions: readonly Transition[], side: 'from' | 'to'): number[] {
  const sums = new Map<string, number>();
  for (const transition of transitions)
    sums.set(transition[side], (sums.get(transition[side]) ?? 0) + transition.customers);
  return [...sums.values()];
}

function sumOfPairs(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + choosePairs(count), 0);
}

function choosePairs(count: number): number {
  return (count * (count - 1)) / 2;
}
