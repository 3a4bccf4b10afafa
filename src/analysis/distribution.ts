import { meanAndSd, medianAndMad, quantile } from './quantile.ts';

/**
 * What fences and scales ask of a column's finite values, wherever these lie. Quantiles are of type 7;
 * 0 and 1 are the least and the greatest value.
 */
export type Distribution = {
  /** How many values there are. */
  readonly count: number;
  quantile(p: number): number;
  /** Mean and population sd of the values, each moved to the nearest of the bounds where there are bounds. */
  meanAndSd(bounds?: Bounds): { readonly mean: number; readonly sd: number };
  /** Median, and median of the absolute deviations from it (unscaled). */
  medianAndMad(): { readonly median: number; readonly mad: number };
};

export type Bounds = { readonly low: number; readonly high: number };

/** The distribution of ascending finite values that are in memory. */
export function distributionOf(sorted: Float64Array): Distribution {
  return {
    count: sorted.length,
    quantile: (p) => quantile(sorted, p),
    meanAndSd: (bounds) => meanAndSd(bounds ? sorted.map((value) => clamp(value, bounds.low, bounds.high)) : sorted),
    medianAndMad: () => medianAndMad(sorted),
  };
}

/** The value, or the bound that it is beyond. */
export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
