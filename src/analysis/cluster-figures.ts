import { finiteWithCodes, numbersOf, rowsWhere } from '../frame/rows.ts';
import type { Column } from '../frame/column.ts';
import type { ProfileOperand, Statistic } from '../job/expression/expression.ts';
import { degreeAt } from './expression/degree.ts';
import { matchRows } from './expression/match-rows.ts';
import { columnNamed, type NumericColumn } from './matrix.ts';
import { profileClusters, valueShares, type ClusterProfile } from './profile.ts';
import { meanAndSd, quantile } from './quantile.ts';
import { sortNumbers } from './sort-numbers.ts';

export type FigureInput = {
  /** The number columns that conditions may name. */
  readonly columns: readonly NumericColumn[];
  /** All columns of the customers, for `share(…)`. */
  readonly customers: ReadonlyMap<string, Column>;
  /** A cluster number per customer, -1 for one in no cluster. */
  readonly clusterOf: Int32Array;
  readonly k: number;
  /** Whose sums make `revenue_share`; without it there is none. */
  readonly value: NumericColumn | undefined;
};

/** The figure of a cluster; NaN where there is none, as in a cluster without customers. */
export type FigureOf = (cluster: number, operand: ProfileOperand) => number;

/**
 * The figures of the clusters in the units of the columns, worked out when they are asked for.
 * Customers without a value in a column don't count for its statistics. `z` is the distance of the
 * cluster's mean from the mean of all customers in their population standard deviation; `rank`
 * counts clusters with a lower median, among those given (NaN for a cluster that isn't one of them);
 * `share` and `size_share` are fractions. Quantiles are of type 7.
 */
export function clusterFigures(input: FigureInput): FigureOf {
  const { clusterOf, k } = input;
  const sizes = profileClusters([], clusterOf, k);
  const known = new Map<string, Summary>();
  const summaryOf = (column: string): Summary => {
    const summary = known.get(column) ?? summarise(columnNamed(input.columns, column), clusterOf, k);
    known.set(column, summary);
    return summary;
  };
  const revenue = input.value && valueShares(input.value.values, clusterOf, k);
  const figure: FigureOf = (cluster, operand) => {
    switch (operand.kind) {
      case 'statistic':
        return statisticOf(summaryOf(operand.column), cluster, operand.statistic);
      case 'rank':
        return rankOf(summaryOf(operand.column), cluster, (other) => {
          const { among } = operand;
          return among === null || degreeAt(among, (inner) => figure(other, inner)) >= 0.5;
        });
      case 'share': {
        const matches = matchRows(input.customers, operand.of, clusterOf.length);
        const members = clusterOf.reduce((sum, each, row) => sum + (each === cluster ? matches[row]! : 0), 0);
        return members / sizes[cluster]!.n;
      }
      case 'size_share':
        return sizes[cluster]!.share;
      case 'revenue_share':
        return revenue?.[cluster] ?? NaN;
    }
  };
  return figure;
}

type Summary = {
  readonly profiles: readonly ClusterProfile[];
  readonly values: Float64Array;
  readonly clusterOf: Int32Array;
  readonly mean: number;
  readonly sd: number;
};

function summarise({ name, values }: NumericColumn, clusterOf: Int32Array, k: number): Summary {
  const present = finiteWithCodes(values, clusterOf);
  const profiles = profileClusters([{ name, values: present.values }], present.codes, k);
  return { profiles, values: present.values, clusterOf: present.codes, ...meanAndSd(present.values) };
}

function statisticOf(summary: Summary, cluster: number, statistic: Statistic): number {
  const { profiles, values, clusterOf, mean, sd } = summary;
  const feature = profiles[cluster]!.features[0]!;
  if (typeof statistic !== 'string') {
    const ofCluster = rowsWhere(values.length, (row) => clusterOf[row] === cluster);
    const members = sortNumbers(numbersOf(values, ofCluster));
    return members.length === 0 ? NaN : quantile(members, statistic.p);
  }
  if (statistic === 'z') return (feature.mean - mean) / sd;
  return feature[statistic] ?? NaN;
}

function rankOf({ profiles }: Summary, cluster: number, isAmong: (cluster: number) => boolean): number {
  const median = profiles[cluster]!.features[0]!.median;
  if (Number.isNaN(median) || !isAmong(cluster)) return NaN;
  return 1 + profiles.filter((other) => other.features[0]!.median < median && isAmong(other.cluster)).length;
}
