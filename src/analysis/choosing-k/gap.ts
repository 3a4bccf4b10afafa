import type { Matrix } from '../matrix.ts';
import type { Random } from '../random.ts';

/** How much lower than without clusters the log of the inertia is, and the standard error of that; by k = 1, 2, … */
export type Gap = { readonly gap: readonly number[]; readonly error: readonly number[] };

/**
 * The gap statistic (Tibshirani, Walther and Hastie, 2001) as R's clusGap computes it with `d.power = 2`
 * and `spaceH0 = "original"`: the mean of log inertia over the references less that of the data; the
 * error is `sd * sqrt(1 + 1/B)` of the B references. Both have a row per k from 1 on.
 */
export function gapOf(inertias: readonly number[], references: readonly (readonly number[])[]): Gap {
  const count = references.length;
  const columns = inertias.map((inertia, i) => {
    const logs = references.map((reference) => Math.log(reference[i]!));
    const mean = logs.reduce((sum, log) => sum + log, 0) / count;
    const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (count - 1);
    return { gap: mean - Math.log(inertia), error: Math.sqrt(variance * (1 + 1 / count)) };
  });
  return { gap: columns.map(({ gap }) => gap), error: columns.map(({ error }) => error) };
}

/**
 * The number of clusters by the rule `firstSEmax` of R's clusGap: the smallest k whose gap is within one
 * error of the first local maximum. 1 means that the data shows no clusters. NaN gaps never decide.
 */
export function firstWithinError({ gap, error }: Gap): number {
  const falls = gap.findIndex((value, i) => i + 1 < gap.length && gap[i + 1]! - value <= 0);
  const first = falls < 0 ? gap.length - 1 : falls;
  const enough = gap.findIndex((value, i) => i < first && value >= gap[first]! - error[first]!);
  return (enough < 0 ? first : enough) + 1;
}

/** As many rows as the matrix has, spread evenly over the box between its columns' least and greatest values. */
export function referenceRows({ rowCount, columnCount, values }: Matrix, random: Random): Matrix {
  const low = new Float64Array(columnCount).fill(Infinity);
  const high = new Float64Array(columnCount).fill(-Infinity);
  for (const [i, value] of values.entries()) {
    const column = i % columnCount;
    low[column] = Math.min(low[column]!, value);
    high[column] = Math.max(high[column]!, value);
  }
  const spread = Float64Array.from(values, (_, i) => {
    const column = i % columnCount;
    return low[column]! + random.float() * (high[column]! - low[column]!);
  });
  return { rowCount, columnCount, values: spread };
}
