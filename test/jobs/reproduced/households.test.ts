import { describe, expect } from 'vitest';
import { fitKmeans } from '../../../src/analysis/kmeans/fit.ts';
import { correlatedPairs } from '../../../src/analysis/correlation.ts';
import type { NumericColumn } from '../../../src/analysis/matrix.ts';
import { meanAndSd } from '../../../src/analysis/quantile.ts';
import { readJson } from '../../analysis/golden.ts';
import { marketingRows, expectedRows, type TableRow } from '../../support/marketing.ts';
import {
  categories,
  knownRows,
  matrixOf,
  measures,
  number,
  soundJoin,
  spent,
} from '../../support/marketing-notebook.ts';
import { itWithData } from '../../support/project.ts';
import { countsOf, expectSettled, near, zscores, type Clustering } from '../../support/reproduced.ts';

type TableNumbers = Record<string, number>;
type Targets = {
  readonly rows: number;
  readonly columns: number;
  readonly unique_ids: number;
  readonly duplicate_rows_ignoring_id: number;
  readonly income_null: number;
  readonly rows_after_income: number;
  readonly rows_after_outliers: number;
  readonly dt_customer_min: string;
  readonly dt_customer_max: string;
  readonly constant_columns: TableNumbers;
  readonly response_1: number;
  readonly marital_2216: TableNumbers;
  readonly education_2216: TableNumbers;
  readonly means_2212: TableNumbers;
  readonly pearson_income_total_spent_2212: number;
  readonly corrected_kmeans_zscore_18_features: Record<string, Clustering>;
  readonly corrected_best_known_inertia: TableNumbers;
};

describe('the published results of the notebook before the households job', () => {
  const withData = itWithData('marketing-campaign');
  const targets = (): Targets => readJson<Targets>('marketing-campaign/expected/targets.json');
  const columnsOf = (): NumericColumn[] => {
    const names = Object.keys(expectedRows('features_2212.csv.gz')[0]!).slice(1);
    const { rowCount, columnCount, values } = matrixOf(soundJoin(), false);
    return names.map((name, j) => ({
      name,
      values: Float64Array.from({ length: rowCount }, (_, i) => values[i * columnCount + j]!),
    }));
  };

  withData('are 2,240 customers, of whom 2,212 are left', () => {
    const rows = marketingRows();
    const expected = targets();
    expect([rows.length, Object.keys(rows[0]!).length]).toEqual([expected.rows, expected.columns]);
    expect(new Set(rows.map((row) => row['ID'])).size).toBe(expected.unique_ids);
    const others = new Set(rows.map(({ ID: _, ...row }) => JSON.stringify(row)));
    expect(rows.length - others.size).toBe(expected.duplicate_rows_ignoring_id);
    for (const [name, value] of Object.entries(expected.constant_columns))
      expect(new Set(rows.map((row) => number(row, name)))).toEqual(new Set([value]));
    expect(rows.filter((row) => row['Response'] === '1')).toHaveLength(expected.response_1);

    const days = rows.map((row) => row['Dt_Customer']!.split('-').toReversed().join('-')).toSorted();
    expect([days[0], days.at(-1)]).toEqual([expected.dt_customer_min, expected.dt_customer_max]);

    const known = knownRows();
    expect(known).toHaveLength(2240 - expected.income_null);
    expect(known).toHaveLength(expected.rows_after_income);
    expect(countsOf(known.map((row) => row['Marital_Status']!))).toEqual(expected.marital_2216);
    expect(countsOf(known.map((row) => row['Education']!))).toEqual(expected.education_2216);
    const rich = known.filter((row) => number(row, 'Income') > 600_000);
    const old = known.filter((row) => 2022 - number(row, 'Year_Birth') > 90);
    expect([rich.length, old.length, soundJoin().length]).toEqual([1, 3, expected.rows_after_outliers]);
  });

  withData('are 18 features, row for row, and how many customers are in which group', () => {
    const joined = soundJoin();
    const expected = expectedRows('features_2212.csv.gz').map(({ Customer_ID: id, ...row }) => [
      id,
      ...Object.values(row).map(Number),
    ]);
    const { columnCount, values } = matrixOf(joined, false);
    expect(joined.map(({ row }, i) => [row['ID'], ...values.subarray(i * columnCount, (i + 1) * columnCount)])).toEqual(
      expected,
    );
    const groups = joined.map(({ row }) => categories(row));
    expect(countsOf(groups.map(({ age }) => age))).toEqual({ adult: 1755, senior: 457 });
    expect(countsOf(groups.map(({ education }) => education))).toEqual({ graduate: 1115, post: 845, under: 252 });
    expect(countsOf(groups.map(({ marital }) => marital))).toEqual({ partner: 1428, single: 784 });
    expect(countsOf(joined.map(({ row }) => measures(row)[6]!))).toEqual({ 1: 252, 2: 754, 3: 879, 4: 296, 5: 31 });
    for (const { name, values: column } of columnsOf())
      if (name in targets().means_2212) expect(meanAndSd(column).mean, name).toEqual(near(targets().means_2212[name]));
  });

  withData('are a correlation of income and spending', () => {
    const correlation = (rows: readonly TableRow[]): number => {
      const values = Float64Array.from(rows.flatMap((row) => [number(row, 'Income'), spent(row)]));
      return correlatedPairs({ rowCount: rows.length, columnCount: 2, values }, 0.5)[0]!.r;
    };
    expect(correlation(soundJoin().map(({ row }) => row))).toEqual(near(targets().pearson_income_total_spent_2212));
    expect(correlation(knownRows().filter((row) => number(row, 'Income') < 600_000))).toBeCloseTo(0.793, 3);
  });

  withData.each(['2', '3', '4', '5', '6'])('are, put right, clusters of 18 z-scores, k = %s', async (k) => {
    const { corrected_kmeans_zscore_18_features: corrected, corrected_best_known_inertia: best } = targets();
    const columns = columnsOf();
    const matrix = zscores(columns);
    await expectSettled(
      matrix,
      columns.map(({ name }) => name),
      corrected[k]!,
    );
    const own = await fitKmeans({ matrix, k: Number(k), seed: 1, restarts: 10 });
    expect(own.inertia / best[k]!).toBeLessThan(1.0001);
  });
});
