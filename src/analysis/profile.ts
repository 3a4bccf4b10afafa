import type { NumericColumn } from './matrix.ts';
import { quantile } from './quantile.ts';
import { sortNumbers } from './sort-numbers.ts';

/** One column of one cluster, in the column's own units; quantiles of type 7. */
export type FeatureProfile = {
  readonly column: string;
  readonly mean: number;
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  readonly min: number;
  readonly max: number;
  /** Percentile rank, 0..100, of the cluster's median among all customers: those below, and half of those equal. */
  readonly pct: number;
  /** `100 * median / median of all customers`; null when that is 0. */
  readonly index: number | null;
  /** Place of the median among the clusters, 1 = lowest; equal medians share the lower place. */
  readonly rank: number;
};

export type ClusterProfile = {
  readonly cluster: number;
  readonly n: number;
  /** `n` over all customers, those in no cluster included. */
  readonly share: number;
  readonly features: readonly FeatureProfile[];
};

/**
 * What each of the `k` clusters looks like. `labels` holds a cluster number per customer, or -1 for
 * one in no cluster (an outlier), who still counts among all customers. Values must not be NaN. An
 * empty cluster has NaN statistics. Columns are sorted one after the other in `scratch`, which holds a number per customer.
 */
export function profileClusters(
  columns: readonly NumericColumn[],
  labels: Int32Array,
  k: number,
  scratch: Float64Array = new Float64Array(columns.length === 0 ? 0 : labels.length),
): ClusterProfile[] {
  const perColumn = columns.map((column) => profileColumn(column, { labels, k, scratch }));
  const counts = new Float64Array(k);
  for (const label of labels) if (label >= 0) counts[label]! += 1;
  return Array.from(counts, (n, cluster) => ({
    cluster,
    n,
    share: labels.length === 0 ? 0 : n / labels.length,
    features: perColumn.map((profiles) => profiles[cluster]!),
  }));
}

/**
 * Each cluster's part of the total of a column such as revenue; -1 as in `profileClusters`. Values that are NaN or
 * infinite are left out. All 0 when the total is 0.
 */
export function valueShares(values: Float64Array, labels: Int32Array, k: number): number[] {
  const sums = new Float64Array(k);
  let total = 0;
  for (let row = 0; row < values.length; row++) {
    if (!Number.isFinite(values[row])) continue;
    total += values[row]!;
    if (labels[row]! >= 0) sums[labels[row]!]! += values[row]!;
  }
  return Array.from(sums, (sum) => (total === 0 ? 0 : sum / total));
}

type Grouping = { readonly labels: Int32Array; readonly k: number; readonly scratch: Float64Array };

function profileColumn({ name, values }: NumericColumn, grouping: Grouping): FeatureProfile[] {
  const groups = sortedGroups(values, grouping);
  const clusters = groups.slice(0, grouping.k);
  const medians = clusters.map((sorted) => (sorted.length === 0 ? NaN : quantile(sorted, 0.5)));
  const populationMedian = medianOf(groups, values.length);
  return clusters.map((sorted, cluster) => {
    const median = medians[cluster]!;
    const at = (p: number): number => (sorted.length === 0 ? NaN : quantile(sorted, p));
    return {
      column: name,
      mean: sumOf(sorted) / sorted.length,
      median,
      p10: at(0.1),
      p90: at(0.9),
      min: at(0),
      max: at(1),
      pct: sorted.length === 0 ? NaN : percentileRank(groups, median, values.length),
      index: populationMedian === 0 ? null : (100 * median) / populationMedian,
      rank: 1 + medians.filter((other) => other < median).length,
    };
  });
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}

/** The values of each cluster, ascending, and last those in no cluster. */
function sortedGroups(values: Float64Array, { labels, k, scratch }: Grouping): Float64Array[] {
  const counts = new Uint32Array(k + 1);
  for (let row = 0; row < values.length; row++) counts[labels[row]! < 0 ? k : labels[row]!]! += 1;
  const places = new Uint32Array(k + 1);
  for (let group = 0; group < k; group++) places[group + 1] = places[group]! + counts[group]!;
  const groups = Array.from(counts, (count, group) => scratch.subarray(places[group]!, places[group]! + count));
  for (let row = 0; row < values.length; row++) scratch[places[labels[row]! < 0 ? k : labels[row]!]!++] = values[row]!;
  for (const group of groups) sortNumbers(group);
  return groups;
}

/** Percentile rank, 0..100, of a value among ascending groups of `total` values in all: those below, and half of those equal. */
export function percentileRank(groups: readonly Float64Array[], value: number, total: number): number {
  let below = 0;
  let notAbove = 0;
  for (const sorted of groups) {
    below += countBelow(sorted, value, false);
    notAbove += countBelow(sorted, value, true);
  }
  return (100 * (below + notAbove)) / (2 * total);
}

/** How many of ascending values lie below one, or with `equal` at it as well: bisection. */
function countBelow(sorted: Float64Array, value: number, equal: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = sorted[middle]!;
    if (other < value || (equal && other === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The median of all values in ascending groups, without a copy of them: the whole population is the largest array there is. */
function medianOf(groups: readonly Float64Array[], total: number): number {
  if (total === 0) return NaN;
  const upper = orderStatistic(groups, total >>> 1);
  if (total % 2 === 1) return upper;
  const lower = orderStatistic(groups, (total >>> 1) - 1);
  return lower + 0.5 * (upper - lower);
}

/** The value at this place, from 0, of the ascending order of all groups: in each the first with as many not above it, and the least of these. */
function orderStatistic(groups: readonly Float64Array[], place: number): number {
  const notAbove = (value: number): number =>
    groups.reduce((count, sorted) => count + countBelow(sorted, value, true), 0);
  return groups.reduce((least, sorted) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (notAbove(sorted[middle]!) <= place) low = middle + 1;
      else high = middle;
    }
    return Math.min(least, sorted[low] ?? Infinity);
  }, Infinity);
}
