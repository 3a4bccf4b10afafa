import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quantile, sortedCopy } from '../../../src/analysis/quantile.ts';
import { presets } from '../../../src/job/rfm/presets.ts';
import { readJson } from '../../analysis/golden.ts';
import { scored } from '../../analysis/rfm/fixtures.ts';
import { itWithData, sharedData } from '../../support/project.ts';
import { countsOf } from '../../support/reproduced.ts';
import { openTables, type Cell, type Tables } from '../../support/tables.ts';

type Targets = {
  readonly orders: {
    readonly rows: number;
    readonly customers: number;
    readonly sum_transaction_count: number;
    readonly 'bin_boundaries (quantile type 7 at 20/40/60/80% PLUS 1; score i when lower<=x<upper)': Record<
      string,
      number[]
    >;
    readonly score_counts_1_to_5: Record<'recency' | 'frequency' | 'monetary', number[]>;
    readonly heatmap_sum_of_mean_monetary_rounded: number;
    readonly segments_v030: Record<string, number[]>;
    readonly segments_v020: Record<string, number[]>;
    readonly segments_v020_medians_recency_frequency_monetary: Record<string, number[]>;
  };
};

const withData = itWithData('rfm-r');
const folder = join(sharedData, 'rfm-r');

/** What the package makes of orders as of the last day of 2006. */
const features = `SELECT customer_id, DATE '2006-12-31' - MAX(order_date) AS recency_days,
  COUNT(*) AS transaction_count, SUM(revenue) AS amount FROM orders GROUP BY customer_id ORDER BY encode(customer_id)`;

describe('the published results of the R package rfm', () => {
  let shop: Tables;
  let customers: Record<string, Cell>[];
  let targets: Targets['orders'];

  beforeAll(async () => {
    if (withData !== it) return;
    ({ orders: targets } = readJson<Targets>('rfm-r/expected/targets.json'));
    shop = await openTables(`CREATE TABLE orders AS FROM read_csv('${join(folder, 'rfm_data_orders.csv.gz')}')`);
    customers = await shop.rows(features);
  });
  afterAll(() => shop?.close());

  const column = (name: string): number[] => customers.map((row) => Number(row[name]));
  const scores = (preset: 'r-rfm' | 'r-rfm-0.2') =>
    scored(
      { recency: column('recency_days'), frequency: column('transaction_count'), monetary: column('amount') },
      { preset },
      customers.map(({ customer_id: id }) => String(id)),
    );

  withData(
    'are three features of 995 customers, row for row: names with apostrophes, two orders on a day',
    async () => {
      const expected = await shop.rows(`SELECT customer_id, recency_days, transaction_count, amount
      FROM read_csv('${join(folder, 'expected', 'orders_scores.csv.gz')}') ORDER BY encode(customer_id)`);
      expect(customers).toEqual(expected);
      expect((await shop.one('SELECT COUNT(*) AS n FROM orders')).n).toBe(targets.rows);
      expect([customers.length, column('transaction_count').reduce((all, each) => all + each)]).toEqual([
        targets.customers,
        targets.sum_transaction_count,
      ]);
      expect(customers.filter(({ customer_id: id }) => /['’]/.test(String(id))).length).toBeGreaterThan(0);
      const days = await shop.one('SELECT COUNT(*) AS n FROM (SELECT DISTINCT customer_id, order_date FROM orders)');
      expect(days.n).toBeLessThan(targets.rows);
    },
  );

  withData('are scores between its cuts, and how many customers have which', () => {
    const { fitted, scores: found, digits } = scores('r-rfm');
    const boundaries = targets['bin_boundaries (quantile type 7 at 20/40/60/80% PLUS 1; score i when lower<=x<upper)'];
    for (const { axis, edges } of fitted.axes)
      expect(edges['']!.map(({ value }) => Number(value.toFixed(9)))).toEqual(boundaries[axis]);
    for (const [axis, values] of Object.entries(found.byAxis))
      expect(Object.values(countsOf(values))).toEqual(targets.score_counts_1_to_5[axis as 'recency']);
    const amounts = new Map<number, number[]>();
    for (const [i, digit] of digits.entries()) {
      const cell = Math.floor(digit / 10);
      amounts.set(cell, [...(amounts.get(cell) ?? []), column('amount')[i]!]);
    }
    const means = [...amounts.values()].map((of) => of.reduce((a, b) => a + b) / of.length);
    expect(Math.round(means.reduce((a, b) => a + b))).toBe(targets.heatmap_sum_of_mean_monetary_rounded);
  });

  withData.each([
    ['r-rfm', 'segments_v030'],
    ['r-rfm-0.2', 'segments_v020'],
  ] as const)('are the customers, orders and revenue of its segments: %s', (preset, table) => {
    const names = new Map(presets[preset].labels.map(({ segment, name }) => [segment, name]));
    const segments = scores(preset).segments.map((slug) => names.get(slug!) ?? String(slug));
    const { rules: _, ...expected } = targets[table];
    const membersOf = (name: string): Record<string, Cell>[] => customers.filter((_row, i) => segments[i] === name);
    const sum = (rows: readonly Record<string, Cell>[], of: string): number =>
      rows.reduce((all, row) => all + Number(row[of]), 0);
    const found = Object.keys(expected).map((name) => {
      const members = membersOf(name);
      const [orders, revenue] = [sum(members, 'transaction_count'), sum(members, 'amount')];
      return [name, [members.length, orders, revenue, Number((revenue / orders).toFixed(2))]];
    });
    expect(Object.fromEntries(found)).toEqual(expected);
    if (preset !== 'r-rfm-0.2') return;
    const medianOf = (rows: readonly Record<string, Cell>[], of: string): number =>
      quantile(sortedCopy(Float64Array.from(rows, (row) => Number(row[of]))), 0.5);
    for (const [name, medians] of Object.entries(targets.segments_v020_medians_recency_frequency_monetary))
      expect(
        ['recency_days', 'transaction_count', 'amount'].map((of) => medianOf(membersOf(name), of)),
        name,
      ).toEqual(medians);
  });
});
