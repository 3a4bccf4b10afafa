import { quantileSorted } from 'simple-statistics';
import { sortNumbers } from './sort-numbers.ts';

/** The values in ascending order, in memory of their own; -0 before 0, NaN last. */
export function sortedCopy(values: Float64Array): Float64Array {
  return sortNumbers(values.slice());
}

/**
 * The quantile `p` (0..1) of ascending finite values: type 7 of Hyndman and Fan (1996), the
 * default of R and numpy, which interpolates linearly between the two order statistics around
 * `(n - 1) p`. Ties need no rule. Throws a plain Error when there are no values or `p` is outside 0..1.
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  // The library only indexes and asks for the length, which a typed array answers as well, and one of a few places.
  return quantileSorted(sorted as unknown as readonly number[], p);
}

/** Where values may lie. */
export type Bounds = { readonly low: number; readonly high: number };

const unbounded: Bounds = { low: -Infinity, high: Infinity };

/**
 * The mean and the population standard deviation (divisor n), in two passes, of the values, each moved to the nearest of
 * the bounds where there are bounds. NaN when there are no values.
 */
export function meanAndSd(values: Float64Array, { low, high }: Bounds = unbounded): { mean: number; sd: number } {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += clamp(values[i]!, low, high);
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = clamp(values[i]!, low, high) - mean;
    squares += difference * difference;
  }
  return { mean, sd: Math.sqrt(squares / values.length) };
}

/** The value, or the bound that it is beyond. */
export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

/** The median of ascending values and the median of the absolute deviations from it (unscaled). */
export function medianAndMad(sorted: Float64Array): { median: number; mad: number } {
  const median = quantile(sorted, 0.5);
  const deviations = sorted.map((value) => Math.abs(value - median));
  return { median, mad: quantile(sortNumbers(deviations), 0.5) };
}
