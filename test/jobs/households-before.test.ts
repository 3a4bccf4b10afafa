import { describe, expect } from 'vitest';
import { clusterMeans } from '../../src/analysis/cluster-means.ts';
import { cutWard, fitWard } from '../../src/analysis/hierarchical/fit.ts';
import { fitKmeans } from '../../src/analysis/kmeans/fit.ts';
import type { Matrix } from '../../src/analysis/matrix.ts';
import { marketingRows, expectedRows, type TableRow } from '../support/marketing.ts';
import { itWithData } from '../support/project.ts';

const number = (row: TableRow, name: string): number => Number(row[name]);
const sum = (row: TableRow, names: readonly string[]): number =>
  names.reduce((all, name) => all + number(row, name), 0);
const partners = ['Married', 'Together'];
const graduates: Readonly<Record<string, string>> = { Graduation: 'graduate', Master: 'post', PhD: 'post' };

/** What the notebook made one-hot columns of. */
function categories(row: TableRow): { readonly marital: string; readonly age: string; readonly education: string } {
  return {
    marital: partners.includes(row['Marital_Status']!) ? 'partner' : 'single',
    age: 2022 - number(row, 'Year_Birth') > 64 ? 'senior' : 'adult',
    education: graduates[row['Education']!] ?? 'under',
  };
}

const newest = Date.parse('2014-06-29');

function measures(row: TableRow): number[] {
  const [day, month, year] = row['Dt_Customer']!.split('-');
  const children = sum(row, ['Kidhome', 'Teenhome']);
  return [
    number(row, 'Income'),
    number(row, 'Kidhome'),
    number(row, 'Teenhome'),
    (newest - Date.parse(`${year}-${month}-${day}`)) / 86_400_000,
    Number(year),
    children,
    children + (categories(row).marital === 'partner' ? 2 : 1),
    children > 0 ? 1 : 0,
    sum(row, ['NumDealsPurchases', 'NumWebPurchases', 'NumCatalogPurchases', 'NumStorePurchases']),
    sum(row, ['MntWines', 'MntFruits', 'MntMeatProducts', 'MntFishProducts', 'MntSweetProducts', 'MntGoldProds']),
    number(row, 'Recency'),
  ];
}

type Joined = { readonly row: TableRow; readonly flagsOf: TableRow };

/** The notebook's join: categories counted anew from 0 meet customers that still have their places before the cleaning. */
function staleJoin(): Joined[] {
  const known = marketingRows().filter((row) => row['Income'] !== '');
  const isKept = (row: TableRow): boolean => number(row, 'Income') <= 600_000 && number(row, 'Year_Birth') >= 1932;
  const kept = known.filter(isKept);
  return known.flatMap((row, place) => {
    const flagsOf = kept[place];
    return isKept(row) && flagsOf ? [{ row, flagsOf }] : [];
  });
}

function matrixOf(joined: readonly Joined[], withNumber: boolean): Matrix {
  const rows = joined.map(({ row, flagsOf }) => {
    const { marital, age, education } = categories(flagsOf);
    const flags = [marital === 'partner', marital === 'single', age === 'adult', age === 'senior'];
    const degrees = ['graduate', 'post', 'under'].map((degree) => education === degree);
    return [...(withNumber ? [number(row, 'ID')] : []), ...measures(row), ...[...flags, ...degrees].map(Number)];
  });
  return { rowCount: rows.length, columnCount: rows[0]!.length, values: Float64Array.from(rows.flat()) };
}

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
describe('the notebook before the households job', () => {
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

  withData('scaled nothing, so that its segments are bands of income', () => {
    const clusterOf = columnOf('kmeans3_by_income_asc');
    const incomes = staleJoin().map(({ row }) => ({
      income: number(row, 'Income'),
      cluster: clusterOf.get(row['ID']!)!,
    }));
    const inBand = incomes.filter(({ income, cluster }) => cluster === (income < 40_225 ? 0 : income < 64_550 ? 1 : 2));
    expect(inBand.length / incomes.length).toBeGreaterThan(0.99);
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
