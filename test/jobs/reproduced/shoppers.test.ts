import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutWard, fitWard } from '../../../src/analysis/hierarchical/fit.ts';
import { fitKmeans } from '../../../src/analysis/kmeans/fit.ts';
import type { Matrix, NumericColumn } from '../../../src/analysis/matrix.ts';
import { profileClusters } from '../../../src/analysis/profile.ts';
import { itWithData } from '../../support/project.ts';
import {
  cents,
  expectQuality,
  expectSettled,
  near,
  zscores,
  type Clustering,
  type Quality,
} from '../../support/reproduced.ts';
import { retail } from '../../support/retail.ts';
import { openUsualLines, type Limits } from '../../support/shoppers-notebook.ts';
import type { Tables } from '../../support/tables.ts';
import { readJson } from '../../analysis/golden.ts';

type Targets = {
  readonly with_customer: Record<'rows' | 'exact_duplicate_rows' | 'duplicate_rows_ignoring_description', number>;
  readonly sales_only_q_gt_0_p_gt_0: Record<'rows_after_dedup' | 'revenue_after_dedup', number>;
  readonly seed001: {
    readonly rows_after: Record<string, number>;
    readonly p95_quantity: number;
    readonly p95_price: number;
    readonly ward: Record<'3' | '4' | '5', Quality & { readonly sizes: number[] }>;
    readonly kmeans3: Quality & { readonly sizes: number[] };
    readonly wrong_total_spent_by_ward3: Record<string, number>;
    readonly true_spend_by_ward3: Record<string, number>;
    readonly true_mean_spend_by_ward3: Record<string, number>;
  };
};
type Oracle = {
  readonly best_known_inertia: Record<string, number>;
  readonly sklearn_100_restarts: Record<string, Clustering>;
};

const withData = itWithData('online-retail');
const expectedFile = join(retail, 'expected', 'seed001_fm_4214.csv.gz');

/** It calls units a frequency, and the mean of a line a ticket. */
const features = `SELECT customer_id, SUM(quantity) AS F, AVG(quantity * unit_price) AS M, SUM(quantity * unit_price) AS spend
  FROM usual GROUP BY customer_id ORDER BY customer_id`;

describe('the published results of the notebook before the shoppers job', () => {
  let shop: Tables;
  let targets: Targets;
  let oracle: Oracle;
  let customers: NumericColumn[];
  let matrix: Matrix;
  let limits: Limits;

  beforeAll(async () => {
    if (withData !== it) return;
    targets = readJson<Targets>('online-retail/expected/targets.json');
    oracle = readJson<Oracle>('online-retail/expected/seed001_kmeans_oracle.json');
    ({ shop, limits } = await openUsualLines());
    customers = await shop.columns(`SELECT F, M, spend::DOUBLE AS spend FROM (${features})`);
    matrix = zscores(customers.slice(0, 2));
  });
  afterAll(() => shop?.close());

  const countOf = (lines: string) =>
    shop.one(`SELECT COUNT(*) AS lines, COUNT(DISTINCT customer_id) AS customers,
      SUM(quantity * unit_price)::DOUBLE AS revenue FROM ${lines}`);

  withData('are 356,088 lines after four steps of cleaning, of which the last loses 124 customers', async () => {
    const {
      drop_null_customer: known,
      drop_duplicates_ignoring_description: once,
      positive,
      p95,
    } = targets.seed001.rows_after;
    expect([known, once, positive, p95]).toEqual([406_829, 401_602, 392_690, 356_088]);
    expect((await countOf('invoice_line')).lines).toBe(541_909);
    expect((await countOf('known')).lines).toBe(known);
    expect((await countOf('once')).lines).toBe(once);
    expect(await countOf('sold')).toMatchObject({ lines: positive, customers: 4338 });
    expect(limits).toEqual({ quantity: targets.seed001.p95_quantity, price: targets.seed001.p95_price });
    expect(await countOf('usual')).toEqual({ lines: p95, customers: 4338 - 124, revenue: cents(4_956_105.35) });
  });

  withData('depend on the order of the steps: with the descriptions two of the repeated lines differ', async () => {
    const { with_customer: known, sales_only_q_gt_0_p_gt_0: sales } = targets;
    await shop.run('CREATE TABLE described AS SELECT DISTINCT * FROM invoice_line WHERE customer_id IS NOT NULL');
    expect((await countOf('described')).lines).toBe(known.rows - known.exact_duplicate_rows);
    expect((await countOf('once')).lines).toBe(known.rows - known.duplicate_rows_ignoring_description);
    const { lines, revenue } = await countOf('described WHERE quantity > 0 AND unit_price > 0');
    expect({ lines, revenue }).toEqual({ lines: sales.rows_after_dedup, revenue: cents(sales.revenue_after_dedup) });
    const left = Number((await countOf('usual')).revenue);
    expect(1 - left / sales.revenue_after_dedup).toBeCloseTo(0.44, 2);
  });

  withData('are the features of 4,214 customers, row for row', async () => {
    const found = await shop.rows(`SELECT customer_id, F, M, spend::DOUBLE AS true_spend FROM (${features})`);
    const expected = await shop.rows(`SELECT CustomerID::VARCHAR AS customer_id, F, M, true_spend, zF, zM
      FROM read_csv('${expectedFile}') ORDER BY customer_id`);
    expect(found).toEqual(
      expected.map(({ customer_id, F, M, true_spend }) => ({
        customer_id,
        F,
        M: near(M),
        true_spend: near(true_spend),
      })),
    );
    expect([...matrix.values]).toEqual(expected.flatMap(({ zF, zM }) => [near(zF), near(zM)]));
    expect([...matrix.values.subarray(0, 4)].map((z) => z.toFixed(6))).toEqual([
      '1.073882',
      '0.214216',
      '-0.370571',
      '-0.214881',
    ]);
  });

  withData('are three clusters by k-means, and their three indices', async () => {
    const { labels, sizes } = await fitKmeans({ matrix, k: 3, seed: 1, restarts: 10 });
    const { sizes: expected, ...quality } = targets.seed001.kmeans3;
    expect(sizes.toSorted((a, b) => b - a)).toEqual(expected);
    expectQuality(matrix, labels, 3, quality);
  });

  withData.each([
    ['4', 3246.63],
    ['5', 2580.95],
  ])('are bounds for k = %s, where it drew its starts without a seed', async (k, printed) => {
    await expectSettled(matrix, ['F', 'M'], oracle.sklearn_100_restarts[k]!);
    const { inertia } = await fitKmeans({ matrix, k: Number(k), seed: 1, restarts: 20 });
    const best = oracle.best_known_inertia[k]!;
    expect(inertia / best).toBeLessThan(1.0001);
    expect(inertia).toBeLessThan(printed);
  });

  describe('by Ward', () => {
    const labels = new Map<number, Int32Array>();

    beforeAll(async () => {
      if (withData !== it) return;
      const fit = await fitWard({ matrix, seed: 1, mostClusters: 5 });
      for (const k of [3, 4, 5]) labels.set(k, cutWard(matrix, fit, k).labels);
    });

    /** Our cluster of each of its labels, where the two divide the customers alike. */
    const ours = async (k: number): Promise<Map<number, number>> => {
      const [theirs] = await shop.columns(`SELECT ward${k} FROM read_csv('${expectedFile}') ORDER BY CustomerID`);
      const pairs = new Set(Array.from(theirs!.values, (label, row) => `${label} ${labels.get(k)![row]!}`));
      expect(pairs.size).toBe(k);
      return new Map(Array.from(pairs, (pair) => pair.split(' ').map(Number) as [number, number]));
    };

    withData.each([3, 4, 5] as const)(
      'are the labels of each customer in %i clusters, and their indices',
      async (k) => {
        const { sizes, ...quality } = targets.seed001.ward[k];
        const own = labels.get(k)!;
        for (const [theirs, cluster] of await ours(k))
          expect(own.filter((label) => label === cluster)).toHaveLength(sizes[theirs]!);
        expectQuality(matrix, own, k, quality);
      },
    );

    withData('are a total of 50.84 million that nobody spent: units times the mean of a line', async () => {
      const [units, ticket, spend] = customers.map(({ values }) => values);
      const profiles = profileClusters(
        [
          { name: 'wrong', values: units!.map((F, row) => F * ticket![row]!) },
          { name: 'spend', values: spend! },
        ],
        labels.get(3)!,
        3,
      );
      const {
        wrong_total_spent_by_ward3: wrong,
        true_spend_by_ward3: right,
        true_mean_spend_by_ward3: mean,
      } = targets.seed001;
      const means: number[] = [];
      for (const [theirs, cluster] of await ours(3)) {
        const { n, features } = profiles[cluster]!;
        const [wrongly, rightly] = features.map((feature) => feature.mean);
        expect([n * wrongly!, n * rightly!]).toEqual([near(wrong[theirs]), cents(right[theirs])]);
        expect(rightly).toBeCloseTo(mean[theirs]!, 3);
        means[theirs] = rightly!;
      }
      const sum = (values: Record<string, number>): number =>
        Object.values(values).reduce((all, value) => all + value, 0);
      expect([sum(wrong) / 1e6, sum(right)]).toEqual([expect.closeTo(50.84, 2), cents(4_956_105.35)]);
      // It says seven times and fourteen times.
      expect([means[0]! / means[1]!, means[0]! / means[2]!]).toEqual([
        expect.closeTo(10.4, 1),
        expect.closeTo(11.2, 1),
      ]);
    });

    withData('are the ten commonest products of the largest cluster, offered to everybody', async () => {
      const cluster = (await ours(3)).get(2)!;
      const ids = await shop.rows(`SELECT customer_id FROM (${features})`);
      const members = ids.filter((_, row) => labels.get(3)![row] === cluster).map(({ customer_id: id }) => `'${id}'`);
      const top =
        await shop.rows(`SELECT stock_code, COUNT(*) AS lines FROM usual WHERE customer_id IN (${members.join()})
        GROUP BY stock_code ORDER BY lines DESC, stock_code LIMIT 10`);
      expect(top.map(({ stock_code, lines }) => `${stock_code} ${lines}`)).toEqual([
        '85123A 1548',
        '84879 1017',
        '85099B 981',
        '47566 960',
        '22720 877',
        '20725 819',
        '21034 813',
        '22469 787',
        '22457 769',
        '23203 751',
      ]);
    });
  });
});
