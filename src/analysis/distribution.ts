import { meanAndSd, medianAndMad, quantile, type Bounds } from './quantile.ts';

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

/** The distribution of ascending finite values that are in memory. */
export function distributionOf(sorted: Float64Array): Distribution {
  return {
    count: sorted.length,
    quantile: (p) => quantile(sorted, p),
    meanAndSd: (bounds) => meanAndSd(sorted, bounds),
    medianAndMad: () => medianAndMad(sorted),
  };
}
