import type { Matrix } from './matrix.ts';

/** Two columns of a matrix and Pearson's coefficient of their values. */
export type CorrelatedPair = { readonly a: number; readonly b: number; readonly r: number };

/**
 * Pairs of columns whose Pearson correlation is beyond `limit` on either side, in column order: the
 * covariance over the product of the standard deviations, in two passes. A column without spread
 * correlates with none; NaN is in no pair.
 */
export function correlatedPairs({ rowCount, columnCount, values }: Matrix, limit: number): CorrelatedPair[] {
  const means = new Float64Array(columnCount);
  for (let i = 0; i < values.length; i++) means[i % columnCount]! += values[i]! / rowCount;
  const products = new Float64Array(columnCount * columnCount);
  const row = new Float64Array(columnCount);
  for (let start = 0; start < values.length; start += columnCount) {
    for (let j = 0; j < columnCount; j++) row[j] = values[start + j]! - means[j]!;
    for (let a = 0; a < columnCount; a++)
      for (let b = 0; b <= a; b++) products[b * columnCount + a]! += row[a]! * row[b]!;
  }
  const pairs: CorrelatedPair[] = [];
  for (let a = 0; a < columnCount; a++) {
    for (let b = a + 1; b < columnCount; b++) {
      const spreads = products[a * columnCount + a]! * products[b * columnCount + b]!;
      const r = products[a * columnCount + b]! / Math.sqrt(spreads);
      if (Math.abs(r) > limit) pairs.push({ a, b, r: Math.min(1, Math.max(-1, r)) });
    }
  }
  return pairs;
}
