import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fitKmeans } from '../../../src/analysis/kmeans/fit.ts';
import type { NumericColumn } from '../../../src/analysis/matrix.ts';
import { fitFences, markOutliers } from '../../../src/analysis/outliers.ts';
import { quantile, sortedCopy } from '../../../src/analysis/quantile.ts';
import { readJson } from '../../analysis/golden.ts';
import { itWithData, sharedData } from '../../support/project.ts';
import { expectSettled, near, zscores, type Clustering } from '../../support/reproduced.ts';
import { openTables, type Tables } from '../../support/tables.ts';

type Numbers = Readonly<Record<string, number>>;
type Targets = {
  readonly opportunities: number;
  readonly accounts: number;
  readonly products_in_price_list: number;
  readonly agents_in_pipeline: number;
  readonly agents_in_sales_teams: number;
  readonly deal_stage: Numbers;
  readonly null: Numbers;
  readonly null_account_by_stage: Numbers;
  readonly won_revenue: number;
  readonly won_mean: number;
  readonly won_median: number;
  readonly won_min: number;
  readonly won_max: number;
  readonly win_rate_of_closed: number;
  readonly mean_days_to_win: number;
  readonly won_by_quarter_2017: Readonly<Record<string, readonly [number, number]>>;
  readonly dirty: Numbers;
  readonly seed000_shape: {
    readonly snapshot: string;
    readonly non_positive_removed: number;
    readonly iqr_upper_fence_close_value: number;
    readonly outliers_above_fence: number;
    readonly kept: number;
    readonly kmeans_zscore_recency_value: Record<string, Clustering>;
  };
  readonly account_kmeans_zscore_rfm: Record<string, Clustering>;
};

const withData = itWithData('crm-sales-opportunities');
const folder = join(sharedData, 'crm-sales-opportunities');

describe('the published results of a hardware seller, and of the campaign analysis on its deals', () => {
  let crm: Tables;
  let targets: Targets;

  beforeAll(async () => {
    if (withData !== it) return;
    targets = readJson<Targets>('crm-sales-opportunities/expected/targets.json');
    const tables = ['sales_pipeline', 'accounts', 'products', 'sales_teams'];
    crm = await openTables(
      ...tables.map((name) => `CREATE TABLE ${name} AS SELECT * FROM read_csv('${join(folder, `${name}.csv`)}')`),
      "CREATE VIEW won AS SELECT * FROM sales_pipeline WHERE deal_stage = 'Won'",
    );
  });
  afterAll(() => crm?.close());

  const counted = async (sql: string): Promise<Numbers> =>
    Object.fromEntries((await crm.rows(sql)).map(({ name, n }) => [String(name), Number(n)]));

  withData('are 8,800 opportunities, their stages and their warts', async () => {
    expect(await counted('SELECT deal_stage AS name, COUNT(*) AS n FROM sales_pipeline GROUP BY ALL')).toEqual(
      targets.deal_stage,
    );
    expect(
      await crm.one(`SELECT (SELECT COUNT(*) FROM sales_pipeline) AS opportunities,
        (SELECT COUNT(*) FROM accounts) AS accounts, (SELECT COUNT(*) FROM products) AS products_in_price_list,
        (SELECT COUNT(DISTINCT sales_agent) FROM sales_pipeline) AS agents_in_pipeline,
        (SELECT COUNT(DISTINCT sales_agent) FROM sales_teams) AS agents_in_sales_teams`),
    ).toEqual({
      opportunities: targets.opportunities,
      accounts: targets.accounts,
      products_in_price_list: targets.products_in_price_list,
      agents_in_pipeline: targets.agents_in_pipeline,
      agents_in_sales_teams: targets.agents_in_sales_teams,
    });
    const nulls = Object.keys(targets.null).map((name) => `COUNT(*) - COUNT(${name}) AS ${name}`);
    expect(await crm.one(`SELECT ${nulls.join()} FROM sales_pipeline`)).toEqual(targets.null);
    const anonymous = 'SELECT deal_stage AS name, COUNT(*) AS n FROM sales_pipeline WHERE account IS NULL GROUP BY ALL';
    expect(await counted(anonymous)).toEqual(targets.null_account_by_stage);
    // A join by the name of the product loses these deals.
    const strangers =
      'SELECT product AS name, COUNT(*) AS n FROM sales_pipeline ANTI JOIN products USING (product) GROUP BY ALL';
    expect(await counted(strangers)).toEqual({
      GTXPro: targets.dirty['product GTXPro in pipeline vs GTX Pro in products'],
    });
    expect(await crm.one("SELECT COUNT(*) AS n FROM accounts WHERE sector = 'technolgy'")).toEqual({
      n: targets.dirty['sector spelled technolgy'],
    });
  });

  withData('are 10,005,534 won in 63.15 % of the closed deals, and when', async () => {
    const [value, days] = (await crm.columns('SELECT close_value, close_date - engage_date AS days FROM won')) as [
      NumericColumn,
      NumericColumn,
    ];
    const sum = (values: Float64Array): number => values.reduce((all, each) => all + each, 0);
    const sorted = sortedCopy(value.values);
    expect({
      won_revenue: sum(sorted),
      won_mean: sum(sorted) / sorted.length,
      won_median: quantile(sorted, 0.5),
      won_min: sorted[0],
      won_max: sorted.at(-1),
      mean_days_to_win: sum(days.values) / sorted.length,
    }).toEqual({
      won_revenue: targets.won_revenue,
      won_mean: near(targets.won_mean),
      won_median: targets.won_median,
      won_min: targets.won_min,
      won_max: targets.won_max,
      mean_days_to_win: near(targets.mean_days_to_win),
    });
    const { Won: won, Lost: lost } = targets.deal_stage;
    expect(won! / (won! + lost!)).toEqual(near(targets.win_rate_of_closed));
    expect([targets.won_revenue, targets.win_rate_of_closed.toFixed(4)]).toEqual([10_005_534, '0.6315']);
    const quarters = await crm.rows(`SELECT 'Q' || quarter(close_date) AS name, COUNT(*) AS deals,
      SUM(close_value) AS value FROM won WHERE year(close_date) = 2017 GROUP BY ALL`);
    expect(Object.fromEntries(quarters.map(({ name, deals, value }) => [name, [deals, value]]))).toEqual(
      targets.won_by_quarter_2017,
    );
  });

  withData(
    'are recency and value of the deals that are above zero and below the fence, in 3 to 5 clusters',
    async () => {
      const shape = targets.seed000_shape;
      const closed = "FROM sales_pipeline WHERE deal_stage IN ('Won', 'Lost')";
      expect(await crm.one(`SELECT COUNT(*) AS n ${closed} AND close_value <= 0`)).toEqual({
        n: shape.non_positive_removed,
      });
      const columns = await crm.columns(`SELECT DATE '${shape.snapshot}' - close_date AS recency_days, close_value
      ${closed} AND close_value > 0`);
      const fences = fitFences(columns, {
        columns: ['close_value'],
        method: 'iqr',
        factor: 1.5,
        side: 'high',
        action: 'tag',
      });
      expect(fences[0]!.high).toBe(shape.iqr_upper_fence_close_value);
      const outside = markOutliers(columns, fences);
      expect(outside.filter((mark) => mark === 1)).toHaveLength(shape.outliers_above_fence);
      const kept = columns.map(({ name, values }) => ({ name, values: values.filter((_, row) => outside[row] === 0) }));
      expect(kept[0]!.values).toHaveLength(shape.kept);
      await expectClusters(shape.kmeans_zscore_recency_value, kept);
    },
  );

  withData('are recency, frequency and money of 85 accounts, row for row, and their clusters', async () => {
    const { snapshot } = targets.seed000_shape;
    const features = `SELECT account, DATE '${snapshot}' - MAX(close_date) AS recency_days, COUNT(*) AS frequency,
      SUM(close_value)::DOUBLE AS monetary FROM won GROUP BY account ORDER BY account`;
    const expected = join(folder, 'expected', 'account_rfm_85.csv.gz');
    expect(await crm.rows(features)).toEqual(await crm.rows(`FROM read_csv('${expected}') ORDER BY account`));
    await expectClusters(
      targets.account_kmeans_zscore_rfm,
      await crm.columns(`SELECT * EXCLUDE (account) FROM (${features})`),
    );
  });
});

async function expectClusters(
  expected: Readonly<Record<string, Clustering>>,
  columns: readonly NumericColumn[],
): Promise<void> {
  const matrix = zscores(columns);
  for (const [k, clustering] of Object.entries(expected)) {
    await expectSettled(
      matrix,
      columns.map(({ name }) => name),
      clustering,
    );
    const { inertia } = await fitKmeans({ matrix, k: Number(k), seed: 1, restarts: 10 });
    expect(inertia / clustering.inertia, `k = ${k}`).toBeLessThan(1 + 1e-6);
  }
}
