import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnOf, type Frame } from '../../src/frame/frame.ts';
import { openDuckdb } from '../../src/warehouse/duckdb/open.ts';
import { bindTemplate } from '../../src/warehouse/template/bind-template.ts';

/** Baskets of one product, each product bought by a member of its own: what they came to, and of how many pieces. */
type Baskets = readonly (readonly { readonly cents: number; readonly pieces: number }[])[];

const baskets = fc.array(
  fc.array(fc.record({ cents: fc.integer({ min: 1, max: 12 }), pieces: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 9,
  }),
  { minLength: 1, maxLength: 11 },
);

describe('the estimated prices of the members job', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'segtag-prices-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('are medians of what was paid for a piece, in quarters from the cheapest', async () => {
    let files = 0;
    await fc.assert(
      fc.asyncProperty(baskets, async (products) => {
        const file = join(directory, `${files++}.duckdb`);
        await write(file, products);
        expect(bandsIn(await customersOf(file))).toEqual(quarters(products.map(medianPrice)));
      }),
      { numRuns: process.env['SEGTAG_TEST_FULL'] ? 100 : 15 },
    );
  });
});

function medianPrice(sold: Baskets[number]): number {
  const prices = sold.map(({ cents, pieces }) => cents / 100 / pieces).sort((a, b) => a - b);
  const half = prices.length / 2;
  return (prices[Math.ceil(half) - 1]! + prices[Math.floor(half)]!) / 2;
}

/** The quarter of each price, from 1; where they don't divide evenly, the first quarters hold one more. */
function quarters(prices: readonly number[]): number[] {
  const order = prices.map((_, product) => product).sort((a, b) => prices[a]! - prices[b]! || a - b);
  const sizes = [0, 1, 2, 3].map((quarter) => Math.floor((prices.length + 3 - quarter) / 4));
  const quarterOf = sizes.flatMap((size, quarter) => Array<number>(size).fill(quarter + 1));
  return prices.map((_, product) => quarterOf[order.indexOf(product)]!);
}

/** The band of what each member bought, in order of the members. */
function bandsIn(customers: Frame): number[] {
  const ids = columnOf(customers, 'member_id', 'text');
  const shares = [1, 2, 3, 4].map((band) => columnOf(customers, `estimated_band_${band}_share`, 'number').values);
  return Array.from({ length: customers.rowCount }, (_, row) => ({
    id: ids.dictionary[ids.codes[row]!]!,
    band: shares.findIndex((share) => share[row] === 1) + 1,
  }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ band }) => band);
}

async function write(file: string, products: Baskets): Promise<void> {
  const rows = products.flatMap((sold, product) => {
    const name = String(product).padStart(2, '0');
    return sold.map(
      ({ cents, pieces }) =>
        `('M${name}', TIMESTAMP '2026-06-01 10:00:00', '{"P${name}": ${pieces}}', ${(cents / 100).toFixed(2)})`,
    );
  });
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(`
    CREATE TABLE member (member_id VARCHAR, sponsor_id VARCHAR);
    CREATE TABLE sales_transaction AS
      SELECT *, 'C01' AS centre, 'online' AS channel
      FROM (VALUES ${rows.join(', ')}) AS t (member_id, bought_at, product_json, total_amt)`);
  connection.closeSync();
  instance.closeSync();
}

async function customersOf(file: string): Promise<Frame> {
  const path = 'sql/members/customers.sql';
  const statement = bindTemplate({
    file: path,
    text: readFileSync(path, 'utf8'),
    params: { window_days: 182, recent_days: 61, complete_from: '2022-01-01' },
    identifiers: {},
    builtin: { as_of: '2026-06-30', run_id: 'none' },
    dialect: 'duckdb',
    label: 'members',
  });
  const warehouse = await openDuckdb({ name: 'prices', target: 'test', config: { client: 'duckdb', file, views: {} } });
  try {
    return await warehouse.read(statement, { timeoutMs: 60_000 });
  } finally {
    await warehouse.close();
  }
}
