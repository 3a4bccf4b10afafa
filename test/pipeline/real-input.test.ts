import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { isFull } from '../support/proofs/seeds.ts';
import { openShop } from '../support/online-retail.ts';
import { inFile, runJson, tagsIn, withPassword } from '../support/night.ts';
import { hasData, itWithData, makeProject, sharedData } from '../support/project.ts';
import { stagingEngines, type Row, type StagingDatabase } from '../support/staging-databases.ts';

function crmProject(database: StagingDatabase) {
  const views = { sales_pipeline: join(sharedData, 'crm-sales-opportunities', 'sales_pipeline.csv') };
  const connections = { warehouse: { client: 'duckdb', views }, crm: inFile(database.connection) };
  return makeProject('test/projects/crm', { test: { as_of: '2018-01-01', connections } });
}

describe('closed opportunities of a hardware seller', () => {
  const reference: { tags?: Row[] } = {};

  for (const engine of stagingEngines) {
    (hasData('crm-sales-opportunities') ? engine.it : engine.it.skip)(
      `are segmented as scikit-learn does it, and published to ${engine.name}`,
      async () => {
        const database = await engine.fresh();
        const project = crmProject(database);
        const env = withPassword(database.connection);
        const migrated = await project.segtag(['migrate'], env);
        expect(migrated).toMatchObject({ exitCode: 0 });
        const summary = await runJson(project, ['run', 'deals'], env);
        expect(summary.removed).toEqual([{ rule: 'non_positive_value', rows_in: 6711, rows_removed: 2473 }]);
        expect(summary.counts).toMatchObject({ extracted: 4238, outliers: 15, entered: 4238, moved: 0, left: 0 });
        const sizes = Object.fromEntries(summary.segments.map(({ segment, customers }) => [segment, customers]));
        expect(sizes).toEqual({
          recent_small: 1206,
          older_small: 1156,
          recent_large: 959,
          older_large: 902,
          key_account: 15,
        });
        expect(summary.quality!.inertia).toBeCloseTo(1546.6285588204855, 8);
        expect(summary.quality!.davies_bouldin).toBeCloseTo(0.6674643137169229, 9);
        expect(summary.quality!.calinski_harabasz).toBeCloseTo(6273.52700908258, 6);
        const tags = await tagsIn(database);
        expect(tags).toHaveLength(4238);
        reference.tags ??= tags;
        expect(tags).toEqual(reference.tags);
        // The key of the table outlives what is written to it.
        const twice = `insert into segment_tag select * from segment_tag where customer_id = '${String(tags[0]!['customer_id'])}'`;
        await expect(database.query(twice)).rejects.toThrow();
        await database.drop();
      },
    );
  }
});

type Customer = { id: string; recency_days: number; frequency: number; monetary: number };

function expectedCustomers(): Customer[] {
  const file = join(sharedData, 'online-retail', 'expected', 'rfm_canonical_4338.csv.gz');
  const [, ...lines] = gunzipSync(readFileSync(file)).toString().trim().split('\n');
  return lines.map((line) => {
    const [id = '', ...values] = line.split(',');
    const [recencyDays, frequency, monetary] = values.map(Number);
    return { id, recency_days: recencyDays!, frequency: frequency!, monetary: monetary! };
  });
}

describe('half a million lines of an online shop', () => {
  const withData = itWithData('online-retail');

  withData('become the canonical 4,338 customers, feature for feature', async () => {
    const database = await stagingEngines[0]!.fresh();
    const views = { online_retail: join(sharedData, 'online-retail', 'online_retail.csv.gz') };
    const connections = { warehouse: { client: 'duckdb', views }, crm: inFile(database.connection) };
    const project = makeProject('test/projects/retail', { test: { as_of: '2011-12-09', connections } });
    const summary = await runJson(project, ['run', 'retail']);
    expect(summary.counts).toMatchObject({ extracted: 4338, entered: 4338 });
    expect(summary.quality!.inertia).toBeLessThanOrEqual(bestKnown() * 1.0001);
    const tags = await tagsIn(database);
    const found = tags.map(({ customer_id: id, scores }) => ({ id, ...(JSON.parse(String(scores)) as object) }));
    expect(found).toEqual(expectedCustomers().toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    const offered = await database.query(
      'select subject_kind, subject_id, "rank" as place, product_id, score, reason from product_recommendation order by 1, 2, 3',
    );
    const shop = await openShop(tags);
    expect(shop.lists('segment', offered)).toEqual(await shop.typicalOfSegments());
    // The pairs are counted once more for this, which is what takes the time.
    if (isFull) expect(shop.lists('customer', offered, '7')).toEqual(await shop.offersTo('7'));
    shop.close();
    const products = offered.map((row) => String(row.product_id));
    expect(
      products.filter((product) => /^(POST|DOT|D|M|S|B|C2|CRUK|PADS|BANK CHARGES|gift_.*)$/.test(product)),
    ).toEqual([]);
    expect(new Set(products).size).toBeGreaterThan(1000);
    await database.drop();
  });

  withData('sell most of 22197, once returns are taken off', async () => {
    const shop = await openShop([]);
    expect(await shop.bestSellers()).toEqual([
      ['22197', 56_450],
      ['84077', 53_847],
      ['85099B', 47_363],
      ['85123A', 38_830],
      ['84879', 36_221],
    ]);
    shop.close();
  });
});

/** Of four clusters of their logarithms. */
function bestKnown(): number {
  const oracle: unknown = JSON.parse(
    readFileSync(join(sharedData, 'online-retail', 'expected', 'kmeans_oracle.json'), 'utf8'),
  );
  type Oracle = {
    best_known_inertia_of_sklearn_100_restarts_and_R_hartigan_wong_60_restarts: {
      log1p_zscore: Record<string, number>;
    };
  };
  return (oracle as Oracle).best_known_inertia_of_sklearn_100_restarts_and_R_hartigan_wong_60_restarts.log1p_zscore[
    '4'
  ]!;
}
