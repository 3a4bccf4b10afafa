import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ResolvedConnection } from '../../src/job/connections-schema.ts';
import { loadJob } from '../../src/job/load-job.ts';
import { approveRun } from '../../src/pipeline/decisions/decision.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { nightsOf, type Nights } from '../support/nights.ts';
import { edit, sixtyCustomers } from '../support/small-project.ts';
import { stagingEngines, type Row, type StagingDatabase } from '../support/staging-databases.ts';
import { opened } from '../support/staging-fixtures.ts';

type Purchase = readonly [customer: string, product: string, order: string, units?: number];

/** Everybody recent has tea and most have a cup; everybody gone has wine; all pay postage; glasses go with wine. */
const shop: readonly Purchase[] = sixtyCustomers.flatMap(([id], i) => {
  const order = `o${id}`;
  const recent = i % 2 === 0;
  const usual: Purchase[] = [
    [id, recent ? 'tea' : 'wine', order],
    [id, 'POST', order],
  ];
  const more = recent ? 'cup' : 'glass';
  return i < 40 ? [...usual, [id, more, order] as const] : usual;
});

const purchasesSql = `SELECT customer_id, product_id, COUNT(DISTINCT order_id) AS orders, SUM(units) AS units
FROM purchase GROUP BY customer_id, product_id
`;
const pairsSql = `WITH bought AS (SELECT DISTINCT order_id, product_id FROM purchase WHERE units > 0),
product AS (SELECT product_id, COUNT(*) AS orders FROM bought GROUP BY product_id)
SELECT a.product_id AS a, b.product_id AS b, pa.orders AS orders_a, pb.orders AS orders_b, COUNT(*) AS orders_ab,
  (SELECT COUNT(DISTINCT order_id) FROM bought) AS orders_total
FROM bought a JOIN bought b ON a.order_id = b.order_id AND a.product_id < b.product_id
JOIN product pa ON pa.product_id = a.product_id JOIN product pb ON pb.product_id = b.product_id
GROUP BY a.product_id, b.product_id, pa.orders, pb.orders
`;

function purchasesAre({ directory }: Nights, purchases: readonly Purchase[]): void {
  const lines = purchases.map(([customer, product, order, units = 1]) => [customer, product, order, units].join(','));
  writeFileSync(join(directory, 'purchase.csv'), `${['customer_id,product_id,order_id,units', ...lines].join('\n')}\n`);
}

let database: StagingDatabase;
let nights: Nights;
let warehouse: ResolvedConnection;

beforeEach(async () => {
  database = await stagingEngines[0]!.fresh();
  nights = nightsOf(database);
  const { directory } = nights;
  const views = { customer: join(directory, 'customer.csv'), purchase: join(directory, 'purchase.csv') };
  warehouse = { name: 'warehouse', target: 'test', config: { client: 'duckdb', file: ':memory:', views } };
  edit(nights, 'jobs/small.yaml', 'labels:', "recommendations: { exclude: ['POST'] }\nlabels:");
  writeFileSync(join(directory, 'sql/small/purchases.sql'), purchasesSql);
  writeFileSync(join(directory, 'sql/small/pairs.sql'), pairsSql);
  purchasesAre(nights, shop);
});

const rows = (): Promise<Row[]> => database.query('select * from product_recommendation order by 2, 3, 4');
const listOf = async (subject: string): Promise<string[]> =>
  (await rows()).filter((row) => row.subject_id === subject).map((row) => `${row.product_id}: ${row.reason}`);

async function summaryOf(runId: string): Promise<RunSummary> {
  const staging = await opened(database);
  return (await staging.findRun(runId))!.summary as RunSummary;
}

describe('a night with recommendations', () => {
  it('offers each segment its own products, and no customer what they own or postage', async () => {
    const { ended, runId } = await nights.run({ warehouse });
    expect(ended).toBe('published');
    expect([await listOf('recent'), await listOf('gone')]).toEqual([
      ['tea: typical of recent', 'cup: typical of recent'],
      ['wine: typical of gone', 'glass: typical of gone'],
    ]);
    // C000 has tea and a cup; C040 has tea only, and who buys tea buys a cup.
    expect(await listOf('C000')).toEqual(['wine: bought by most', 'glass: bought by most']);
    expect((await listOf('C040'))[0]).toBe('cup: bought with tea');
    expect((await listOf('C041'))[0]).toBe('glass: bought with wine');
    const owned = new Set(shop.map(([customer, product]) => `${customer} ${product}`));
    const found = await rows();
    expect(found.filter(({ subject_id: id, product_id: product }) => owned.has(`${id} ${product}`))).toEqual([]);
    expect(found.filter(({ product_id: product }) => product === 'POST')).toEqual([]);
    expect((await summaryOf(runId)).recommendations).toMatchObject({ customers: 60, products: 4, lists_written: 62 });
  });

  it('writes nothing the second time, whatever order the rows come in', async () => {
    await nights.run({ warehouse });
    const before = await rows();
    purchasesAre(nights, shop.toReversed());
    expect(await nights.run({ warehouse })).toMatchObject({ ended: 'no_change' });
    expect(await rows()).toEqual(before);
  });

  it('publishes changed lists also when no tag changes, and only those', async () => {
    const first = await nights.run({ warehouse });
    purchasesAre(nights, [...shop, ['C040', 'cup', 'later']]);
    const second = await nights.run({ warehouse });
    expect(second.ended).toBe('published');
    expect(await listOf('C040')).toEqual(await listOf('C000'));
    const writtenBy = new Map((await rows()).map((row) => [row.subject_id, row.run_id]));
    expect([writtenBy.get('C040'), writtenBy.get('C042')]).toEqual([second.runId, first.runId]);
    expect((await database.query('select count(*) as n from segment_change'))[0]).toEqual({ n: 60 });
  });

  it('takes the list of a customer who leaves, and no other', async () => {
    await nights.run({ warehouse });
    nights.customersAre(sixtyCustomers.filter(([id]) => id !== 'C007'));
    expect((await nights.run({ warehouse })).ended).toBe('published');
    expect(await listOf('C007')).toEqual([]);
    expect(await listOf('C009')).not.toEqual([]);
    expect((await rows()).filter((row) => row.subject_kind === 'customer').length).toBeGreaterThan(59);
  });

  it('keeps a plan to itself, and approving publishes exactly that', async () => {
    await nights.run({ warehouse });
    const before = await rows();
    purchasesAre(nights, [...shop, ['C040', 'cup', 'later']]);
    const { ended, runId } = await nights.run({ warehouse, mode: 'plan' });
    expect([ended, await rows()]).toEqual(['planned', before]);
    const planned = await database.query('select distinct subject_id from segtag_recommendation');
    expect(planned).toContainEqual({ subject_id: 'C040' });
    purchasesAre(nights, shop);
    const staging = await opened(database);
    const decided = { now: new Date(), allowOlder: false, decidedBy: 'tester', reason: null };
    await approveRun(staging, loadJob(nights.directory, 'small'), runId, decided);
    expect(await listOf('C040')).toEqual(['wine: bought by most', 'glass: bought by most']);
    expect(await database.query('select * from segtag_recommendation')).toEqual([]);
  });

  it('withdraws all lists once the job recommends nothing', async () => {
    await nights.run({ warehouse });
    edit(nights, 'jobs/small.yaml', "recommendations: { exclude: ['POST'] }\n", '');
    expect((await nights.run({ warehouse })).ended).toBe('E_SQL_TEMPLATE');
    for (const name of ['purchases', 'pairs']) rmSync(join(nights.directory, `sql/small/${name}.sql`));
    expect((await nights.run({ warehouse })).ended).toBe('published');
    expect(await rows()).toEqual([]);
  });

  it('refuses pairs that cannot be, and leaves all as it was', async () => {
    await nights.run({ warehouse });
    const before = await rows();
    writeFileSync(
      join(nights.directory, 'sql/small/pairs.sql'),
      pairsSql.replace('pa.orders AS orders_a', '1 AS orders_a'),
    );
    const { ended, error } = await nights.run({ warehouse });
    expect(ended).toBe('E_CHECK_FAILED');
    expect(String(error)).toContain('orders_ab is above orders_a or orders_b');
    expect(await rows()).toEqual(before);
  });
});
