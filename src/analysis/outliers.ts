import { finiteNumbers } from '../frame/rows.ts';
import type { Outliers } from '../job/schema.ts';
import { columnNamed, type NumericColumn } from './matrix.ts';
import type { Fence } from './model.ts';
import { distributionOf, type Distribution } from './distribution.ts';
import { sortedCopy, type Bounds } from './quantile.ts';

/** Makes the MAD of normal values comparable with their standard deviation (Iglewicz and Hoaglin, 1993). */
const robustFactor = 0.6745;

/**
 * One fence per column of `outliers.columns`, in raw units, from the column's finite values; the
 * bounds themselves are inside.
 *
 * - `iqr`: `q1 - factor * iqr` and `q3 + factor * iqr` (Tukey), type-7 quartiles
 * - `zscore`: `mean ± factor * sd`, population sd
 * - `robust_z`: where `0.6745 * |x - median| / MAD` reaches `factor` (Iglewicz and Hoaglin)
 * - `percentile`: the two percentiles, type 7
 *
 * `side` leaves only the high or the low bound. A column whose spread (IQR, sd or MAD) is zero gets
 * no bounds, because zero says nothing about how far is far; neither does one without finite values.
 */
export function fitFences(columns: readonly NumericColumn[], outliers: Outliers): Fence[] {
  return outliers.columns.map((name) => {
    const finite = finiteNumbers(columnNamed(columns, name).values);
    return fenceOf(name, distributionOf(sortedCopy(finite)), outliers);
  });
}

/** The fence of one column, from its finite values; see `fitFences`. */
export function fenceOf(column: string, values: Distribution, outliers: Outliers): Fence {
  const bounds = values.count === 0 ? undefined : boundsOf(values, outliers);
  return {
    column,
    low: bounds && outliers.side !== 'high' ? bounds.low : null,
    high: bounds && outliers.side !== 'low' ? bounds.high : null,
  };
}

function boundsOf(values: Distribution, outliers: Outliers): Bounds | undefined {
  switch (outliers.method) {
    case 'iqr': {
      const q1 = values.quantile(0.25);
      const q3 = values.quantile(0.75);
      const reach = outliers.factor * (q3 - q1);
      return ifSpread(reach, q1 - reach, q3 + reach);
    }
    case 'zscore': {
      const { mean, sd } = values.meanAndSd();
      // Equal values can leave a rounding error of a sd.
      const reach = values.quantile(0) === values.quantile(1) ? 0 : outliers.factor * sd;
      return ifSpread(reach, mean - reach, mean + reach);
    }
    case 'robust_z': {
      const { median, mad } = values.medianAndMad();
      const reach = (outliers.factor * mad) / robustFactor;
      return ifSpread(reach, median - reach, median + reach);
    }
    case 'percentile': {
      const [low, high] = outliers.percentiles;
      return { low: values.quantile(low / 100), high: values.quantile(high / 100) };
    }
  }
}

function ifSpread(reach: number, low: number, high: number): Bounds | undefined {
  return reach > 0 && Number.isFinite(low) && Number.isFinite(high) ? { low, high } : undefined;
}

/** 1 for each row that lies outside the fence of any column, else 0. NaN is never outside; an infinity is outside a bound. */
export function markOutliers(columns: readonly NumericColumn[], fences: readonly Fence[]): Uint8Array {
  const marks = new Uint8Array(columns[0]?.values.length ?? 0);
  for (const fence of fences) {
    const { values } = columnNamed(columns, fence.column);
    const low = fence.low ?? -Infinity;
    const high = fence.high ?? Infinity;
    for (let row = 0; row < values.length; row++) {
      if (values[row]! < low || values[row]! > high) marks[row] = 1;
    }
  }
  return marks;
}

/** The columns with the values of fenced ones moved to the nearest bound; others are passed on as they are. NaN stays NaN. */
export function clipToFences(columns: readonly NumericColumn[], fences: readonly Fence[]): NumericColumn[] {
  return columns.map((column) => {
    const fence = fences.find((candidate) => candidate.column === column.name);
    if (!fence) return column;
    const low = fence.low ?? -Infinity;
    const high = fence.high ?? Infinity;
    return { name: column.name, values: column.values.map((value) => Math.min(Math.max(value, low), high)) };
  });
}
