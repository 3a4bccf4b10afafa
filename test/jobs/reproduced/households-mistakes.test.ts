import { describe, expect } from 'vitest';
import { clusterMeans } from '../../../src/analysis/cluster-means.ts';
import { cutWard, fitWard } from '../../../src/analysis/hierarchical/fit.ts';
import { fitKmeans } from '../../../src/analysis/kmeans/fit.ts';
import type { Matrix } from '../../../src/analysis/matrix.ts';
import { marketingRows, expectedRows, type TableRow } from '../../support/marketing.ts';
import {
  categories,
  matrixOf,
  number,
  purchases,
  spent,
  staleJoin,
  type Joined,
} from '../../support/marketing-notebook.ts';
import { itWithData } from '../../support/project.ts';

const mean = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0) / values.length;

/** Cluster numbers in the order of the clusters' mean incomes. */
function byIncome(labels: Int32Array, joined: readonly Joined[], k: number): number[] {
  const means = Array.from({ length: k }, (_, cluster) => {
    const incomes = joined.filter((_row, i) => labels[i] === cluster).map(({ row }) => number(row, 'Income'));
    return incomes.reduce((all, income) => all + income, 0) / incomes.length;
  });
  const order = [...means.keys()].toSorted((a, b) => means[a]! - means[b]!);
  return Array.from(labels, (label) => order.indexOf(label));
}

/** Each of these is a mistake of the notebook that the households job replaces; here they are what its files show. */
describe('the mistakes of the notebook before the households job', () => {
  const withData = itWithData('marketing-campaign');
  const published = (): TableRow[] => expectedRows('seed003_bug_for_bug_2208.csv.gz');
  const columnOf = (name: string): Map<string, number> =>
    new Map(published().map((row) => [row['Customer_ID']!, number(row, name)]));
  const found = (joined: readonly Joined[], labels: readonly number[]): Map<string, number> =>
    new Map(joined.map(({ row }, i) => [row['ID']!, labels[i]!]));

  withData('lost four customers and mixed the others by a join on stale places', () => {
    const joined = staleJoin();
    expect(joined).toHaveLength(2208);
    const kept = new Set(joined.map(({ row }) => row['ID']));
    const lost = expectedRows('features_2212.csv.gz')
      .map((row) => row['Customer_ID']!)
      .filter((id) => !kept.has(id));
    expect(lost.toSorted()).toEqual(['4001', '7270', '8235', '9405']);
    const strangers = (what: 'marital' | 'age' | 'education', text: string): number =>
      joined.filter(({ row, flagsOf }) => (categories(row)[what] === text) !== (categories(flagsOf)[what] === text))
        .length;
    const found = [strangers('marital', 'partner'), strangers('age', 'senior'), strangers('education', 'post')];
    expect(found).toEqual([966, 669, 954]);
  });

  withData('clustered the number of the customer: its own files come out with it, and not without', async () => {
    const joined = staleJoin();
    const threes = columnOf('kmeans3_by_income_asc');
    const own = Int32Array.from(joined, ({ row }) => threes.get(row['ID']!)!);
    const settled = async (matrix: Matrix): Promise<{ inertia: number; labels: Map<string, number> }> => {
      const initialCentroids = clusterMeans(matrix, own, 3).means;
      const { inertia, labels } = await fitKmeans({ matrix, k: 3, seed: 1, restarts: 1, initialCentroids });
      return { inertia, labels: found(joined, byIncome(labels, joined, 3)) };
    };
    const withNumber = await settled(matrixOf(joined, true));
    expect(withNumber.inertia / 206_231_786_268.069_98).toBeCloseTo(1, 12);
    expect(withNumber.labels).toEqual(threes);
    expect((await settled(matrixOf(joined, false))).labels).not.toEqual(threes);

    const matrix = matrixOf(joined, true);
    const ward = cutWard(matrix, await fitWard({ matrix, seed: 1, mostClusters: 2 }), 2);
    expect(found(joined, byIncome(ward.labels, joined, 2))).toEqual(columnOf('ward2_by_income_asc'));
  });

  withData('came down to these inertias, for an elbow at two', async () => {
    const matrix = matrixOf(staleJoin(), true);
    const inertias = [];
    for (const k of [1, 2, 3]) inertias.push((await fitKmeans({ matrix, k, seed: 1, restarts: 20 })).inertia);
    expect(inertias.map((inertia) => inertia.toPrecision(5))).toEqual(['1.0483e+12', '3.4207e+11', '2.0623e+11']);
    // Its own ten starts had ended a little above.
    expect(inertias[2]).toBeLessThan(206_231_786_268);
  });

  withData('had these classes: how many, who earns what, spends what and comes how often', () => {
    const rows = staleJoin().map(({ row }) => row);
    const [threes, twos] = [columnOf('kmeans3_by_income_asc'), columnOf('ward2_by_income_asc')];
    const membersOf = (clusters: Map<string, number>, cluster: number): TableRow[] =>
      rows.filter((row) => clusters.get(row['ID']!) === cluster);
    const incomes = (members: readonly TableRow[]): number[] => members.map((row) => number(row, 'Income'));
    const byClass = [0, 1, 2].map((cluster) => membersOf(threes, cluster));
    expect(byClass.map((members) => members.length)).toEqual([736, 785, 687]);
    expect(byClass.map((members) => [Math.min(...incomes(members)), Math.max(...incomes(members))])).toEqual([
      [1730, 40_246],
      [40_211, 64_587],
      [64_509, 162_397],
    ]);
    const figures = (members: readonly TableRow[]): string[] =>
      [incomes(members), members.map(spent), members.map(purchases)].map((values) => mean(values).toFixed(2));
    expect(byClass.map(figures)).toEqual([
      ['28272.07', '94.83', '7.90'],
      ['52265.36', '494.91', '16.19'],
      ['76933.38', '1284.25', '20.87'],
    ]);
    const byWard = [0, 1].map((cluster) => membersOf(twos, cluster));
    expect(byWard.map((members) => [members.length, ...figures(members).slice(0, 2)])).toEqual([
      [1125, '34404.57', '160.39'],
      [1083, '70161.26', '1071.23'],
    ]);
    const both = byClass.map((members) => byWard.map((others) => members.filter((row) => others.includes(row)).length));
    expect(both).toEqual([
      [736, 0],
      [389, 396],
      [0, 687],
    ]);
  });

  withData('scaled nothing, so that its segments are bands of income', () => {
    const clusterOf = columnOf('kmeans3_by_income_asc');
    const incomes = staleJoin().map(({ row }) => ({
      income: number(row, 'Income'),
      cluster: clusterOf.get(row['ID']!)!,
    }));
    const inBand = incomes.filter(({ income, cluster }) => cluster === (income < 40_225 ? 0 : income < 64_550 ? 1 : 2));
    expect(inBand.length / incomes.length).toBeGreaterThan(0.99);
    const richOf = columnOf('ward2_by_income_asc');
    const asWard = staleJoin().filter(({ row }) => richOf.get(row['ID']!) === Number(number(row, 'Income') > 52_000));
    expect(asWard.length / incomes.length).toBeGreaterThan(0.99);
  });

  withData('read the month for the day where both are possible', () => {
    const days = marketingRows().map(({ Dt_Customer: text = '' }) => {
      const [a, b, year] = text.split('-');
      const [month, day] = Number(a) <= 12 ? [a, b] : [b, a];
      return `${year}-${month}-${day}`;
    });
    // What it printed; the first enrolment was on 2012-07-30, the last on 2014-06-29.
    expect([days.toSorted()[0], days.toSorted().at(-1)]).toEqual(['2012-01-08', '2014-12-06']);
  });
});
