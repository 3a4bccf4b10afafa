import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quantile, sortedCopy } from '../../../src/analysis/quantile.ts';
import { readColumns, readJson } from '../../analysis/golden.ts';
import { itWithData } from '../../support/project.ts';
import { cents, expectSettled, meanAndSampleSd, near, zscores, type Clustering } from '../../support/reproduced.ts';
import { createInvoiceLine, retail } from '../../support/retail.ts';
import { openTables, type Tables } from '../../support/tables.ts';

type Counts = Readonly<Record<string, number>>;
type Targets = {
  readonly raw: Counts;
  readonly with_customer: Counts;
  readonly sales_only_q_gt_0_p_gt_0: Counts;
  readonly not_cancelled_only: Counts;
  readonly invoice_amounts_with_customer_22190: Counts;
  readonly rfm_canonical_snapshot_2011_12_10: Record<FeatureName, Counts>;
};
const featureNames = ['recency_days', 'frequency', 'monetary'] as const;
type FeatureName = (typeof featureNames)[number];
const bestKnown = 'best_known_inertia_of_sklearn_100_restarts_and_R_hartigan_wong_60_restarts';
type Preparation = 'zscore' | 'log1p_zscore';
type Oracle = Record<Preparation, Record<string, Clustering>> & Record<typeof bestKnown, Record<Preparation, Counts>>;

const withData = itWithData('online-retail');
const canonical = 'online-retail/expected/rfm_canonical_4338.csv.gz';

describe('the published results of Online Retail', () => {
  let shop: Tables;
  let targets: Targets;

  beforeAll(async () => {
    if (withData !== it) return;
    targets = readJson<Targets>('online-retail/expected/targets.json');
    shop = await openTables(
      createInvoiceLine,
      `CREATE VIEW sold AS SELECT * FROM invoice_line
      WHERE customer_id IS NOT NULL AND quantity > 0 AND unit_price > 0`,
    );
  });
  afterAll(() => shop?.close());

  withData('are 541,909 lines, and how many of them have which wart', async () => {
    expect(
      await shop.one(`SELECT COUNT(*) AS rows, COUNT(DISTINCT invoice_no) AS invoices,
      COUNT(DISTINCT stock_code) AS stock_codes, COUNT(DISTINCT description) AS descriptions,
      COUNT(DISTINCT customer_id) AS customers, COUNT(DISTINCT country) AS countries,
      COUNT(*) - COUNT(description) AS null_description, COUNT(*) - COUNT(customer_id) AS null_customer,
      COUNT(*) FILTER (quantity < 0) AS quantity_lt_0, COUNT(*) FILTER (unit_price = 0) AS unit_price_eq_0,
      COUNT(*) FILTER (unit_price < 0) AS unit_price_lt_0, COUNT(*) FILTER (invoice_no LIKE 'C%') AS cancel_rows_C,
      COUNT(DISTINCT invoice_no) FILTER (invoice_no LIKE 'C%') AS cancel_invoices,
      COUNT(DISTINCT invoice_no) FILTER (invoice_no LIKE 'A%') AS adjust_invoices_A,
      (SELECT COUNT(*) - (SELECT COUNT(*) FROM (SELECT DISTINCT * FROM invoice_line)) FROM invoice_line) AS exact_duplicate_rows,
      strftime(MIN(invoice_date), '%Y-%m-%d %H:%M:%S') AS first, strftime(MAX(invoice_date), '%Y-%m-%d %H:%M:%S') AS last
      FROM invoice_line`),
    ).toEqual(targets.raw);
    expect(
      await shop.one(`SELECT COUNT(DISTINCT quantity) AS quantities, COUNT(DISTINCT invoice_date) AS times,
      COUNT(DISTINCT unit_price) AS prices FROM invoice_line`),
    ).toEqual({ quantities: 722, times: 23_260, prices: 1630 });
  });

  withData('are 406,829 lines of known customers, with cancellations and gifts', async () => {
    const { net_amount: net, ...counts } = targets.with_customer;
    const { exact_duplicate_rows: _, duplicate_rows_ignoring_description: __, ...expected } = counts;
    expect(
      await shop.one(`SELECT COUNT(*) AS rows, COUNT(DISTINCT invoice_no) AS invoices,
      COUNT(DISTINCT customer_id) AS customers, COUNT(*) FILTER (quantity < 0) AS quantity_lt_0,
      COUNT(*) FILTER (unit_price = 0) AS price_eq_0, SUM(quantity * unit_price)::DOUBLE AS net_amount
      FROM invoice_line WHERE customer_id IS NOT NULL`),
    ).toEqual({ ...expected, net_amount: cents(net) });
    expect(
      await shop.one(`SELECT COUNT(*) FILTER (amount < 0) AS lt_0, COUNT(*) FILTER (amount = 0) AS eq_0,
      COUNT(*) FILTER (amount > 0) AS gt_0 FROM (SELECT SUM(quantity * unit_price) AS amount FROM invoice_line
      WHERE customer_id IS NOT NULL GROUP BY invoice_no)`),
    ).toEqual(targets.invoice_amounts_with_customer_22190);
  });

  withData('are the 397,884 lines that many have published, to the tenth of a penny', async () => {
    const { rows_after_dedup: _, revenue_after_dedup: __, ...expected } = targets.sales_only_q_gt_0_p_gt_0;
    expect(
      await shop.one(`SELECT COUNT(*) AS rows, COUNT(DISTINCT customer_id) AS customers,
      COUNT(DISTINCT invoice_no) AS invoices, SUM(quantity) AS units, SUM(quantity * unit_price)::DOUBLE AS revenue,
      COUNT(DISTINCT stock_code) AS stock_codes, COUNT(*) FILTER (country = 'United Kingdom') AS uk_rows,
      COUNT(DISTINCT customer_id) FILTER (country = 'United Kingdom') AS uk_customers FROM sold`),
    ).toEqual(expected);
    const { rows, customers } = targets.not_cancelled_only;
    expect(
      await shop.one(`SELECT COUNT(*) AS rows, COUNT(DISTINCT customer_id) AS customers FROM invoice_line
      WHERE customer_id IS NOT NULL AND invoice_no NOT LIKE 'C%'`),
    ).toEqual({ rows, customers });
    // Three decimals: rounded line by line, the sum would be another one.
    const rounded = await shop.one('SELECT SUM(ROUND(quantity * unit_price, 2))::DOUBLE AS revenue FROM sold');
    expect(rounded.revenue).not.toBeCloseTo(expected.revenue!, 3);
  });

  withData('are recency, frequency and money of 4,338 customers, row for row, and how they are spread', async () => {
    const features = `SELECT customer_id, DATE '2011-12-09' - MAX(invoice_date)::DATE AS recency_days,
      COUNT(DISTINCT invoice_no) AS frequency, SUM(quantity * unit_price)::DECIMAL(18, 2)::DOUBLE AS monetary
      FROM sold GROUP BY customer_id ORDER BY customer_id`;
    const expected = await shop.rows(`SELECT CustomerID::VARCHAR AS customer_id, recency_days, frequency, monetary
      FROM read_csv('${join(retail, '..', canonical)}') ORDER BY customer_id`);
    expect(await shop.rows(features)).toEqual(expected.map((row) => ({ ...row, monetary: cents(row.monetary) })));
    for (const { name, values } of await shop.columns(`SELECT * EXCLUDE (customer_id) FROM (${features})`)) {
      const { count, mean, std, min, max, ...quantiles } =
        targets.rfm_canonical_snapshot_2011_12_10[name as FeatureName];
      expect({ count: values.length, ...meanAndSampleSd(values) }).toEqual({ count, mean: near(mean), sd: near(std) });
      const sorted = sortedCopy(values);
      expect([sorted[0], sorted.at(-1)]).toEqual([cents(min), cents(max)]);
      for (const [percent, value] of Object.entries(quantiles))
        expect(quantile(sorted, Number.parseInt(percent, 10) / 100), percent).toEqual(cents(value));
    }
  });

  withData.each([
    ['zscore', 'none'],
    ['log1p_zscore', 'log1p'],
  ] as const)(
    'are the clusters of these that scikit-learn settles on (%s), k = 2 to 8',
    async (preparation, transform) => {
      const oracle = readJson<Oracle>('online-retail/expected/kmeans_oracle.json');
      const matrix = zscores(readColumns(canonical, featureNames), transform);
      for (const [k, clustering] of Object.entries(oracle[preparation])) {
        await expectSettled(matrix, featureNames, clustering);
        expect(oracle[bestKnown][preparation][k]! / clustering.inertia).toBeGreaterThan(0.9999);
      }
    },
  );
});
