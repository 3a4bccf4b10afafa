import { beforeAll, describe, expect, it } from 'vitest';
import type { CustomerAdvice } from '../../src/pipeline/inquiries/advise.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { inFile, runJson, tagsIn } from '../support/night.ts';
import { itWithData, makeProject } from '../support/project.ts';
import { distinctLines, retailWarehouse, type InvoiceLine } from '../support/retail.ts';
import { stagingEngines, type Row } from '../support/staging-databases.ts';

const notGoods = ['POST', 'DOT', 'M', 'm', 'D', 'S', 'B', 'C2', 'CRUK', 'PADS', 'BANK CHARGES', 'AMAZONFEE'];

/** A shopper with purchases enough for rules to lead on from. */
const asked = '17908';

function isGoods({ customer, quantity, price, product }: InvoiceLine): boolean {
  return customer !== '' && quantity > 0 && price > 0 && !notGoods.includes(product);
}

describe('the shoppers job on half a million lines of an online shop', () => {
  const withData = itWithData('online-retail');
  type Night = { summary?: RunSummary; tags: Row[]; offers: Row[]; lines: InvoiceLine[]; advice: CustomerAdvice[] };
  const night: Night = {
    advice: [],
    tags: [],
    offers: [],
    lines: [],
  };

  beforeAll(async () => {
    if (withData !== it) return;
    const database = await stagingEngines[0]!.fresh();
    const connections = {
      warehouse: { client: 'duckdb', file: await retailWarehouse() },
      crm: inFile(database.connection),
    };
    const project = makeProject('.', { test: { as_of: '2011-12-09', connections } });
    night.summary = await runJson(project, ['run', 'shoppers']);
    night.tags = await tagsIn(database);
    night.offers = await database.query(
      "select subject_id, product_id, score, reason from product_recommendation where subject_kind = 'customer' order by 1, rank",
    );
    night.lines = distinctLines();
    for (const options of [[], ['--method', 'pairs'], ['--method', 'segment']]) {
      const { stdout } = await project.segtag(['recommend', 'shoppers', asked, '--n', '12', '--json', ...options]);
      night.advice.push(JSON.parse(stdout) as CustomerAdvice);
    }
    expect((await runJson(project, ['run', 'shoppers'])).run.status).toBe('no_change');
    await database.drop();
  });

  withData('counts orders, not lines or units, and the mean ticket per order', () => {
    const invoices = new Map<string, Set<string>>();
    const spend = new Map<string, number>();
    for (const line of night.lines.filter(isGoods)) {
      invoices.set(line.customer, (invoices.get(line.customer) ?? new Set()).add(line.invoice));
      spend.set(line.customer, (spend.get(line.customer) ?? 0) + line.quantity * line.price);
    }
    expect(night.tags.map(({ customer_id: id }) => id)).toEqual([...invoices.keys()].sort());
    for (const { customer_id: id, scores } of night.tags) {
      const { orders, mean_ticket: ticket } = JSON.parse(String(scores)) as Record<string, number>;
      expect(orders).toBe(invoices.get(String(id))!.size);
      expect(ticket).toBeCloseTo(spend.get(String(id))! / orders!, 6);
    }
  });

  withData('trims no wholesaler away: the segments share all that was spent on goods', () => {
    const spent = night.lines.filter(isGoods).reduce((sum, { quantity, price }) => sum + quantity * price, 0);
    const { segments } = night.summary!;
    const tagged = segments.reduce((sum, { customers, profile }) => sum + customers * (profile.spend?.mean ?? 0), 0);
    expect(tagged / spent).toBeCloseTo(1, 9);
    const wholesale = segments.find(({ segment }) => segment === 'wholesale')!;
    expect(wholesale.value_share! / wholesale.share).toBeGreaterThan(2);
  });

  withData('gives each segment the name that its figures bear out', () => {
    const median = (slug: string, feature: string): number =>
      night.summary!.segments.find(({ segment }) => segment === slug)!.profile[feature]!.median!;
    const others = (slug: string, feature: string): number[] =>
      ['loyal', 'occasional', 'lapsed', 'large_orders']
        .filter((each) => each !== slug)
        .map((each) => median(each, feature));
    expect(median('loyal', 'orders')).toBeGreaterThan(Math.max(...others('loyal', 'orders')));
    expect(median('lapsed', 'recency_days')).toBeGreaterThan(Math.max(...others('lapsed', 'recency_days')));
    expect(median('large_orders', 'mean_ticket')).toBeGreaterThan(Math.max(...others('large_orders', 'mean_ticket')));
    expect(median('wholesale', 'spend')).toBeGreaterThan(Math.max(...others('wholesale', 'spend')));
  });

  withData('says to one shopper what the published list says, and goes on from there', () => {
    const [all, pairs, segment] = night.advice;
    const published = night.offers.filter(({ subject_id: id }) => id === asked);
    expect(published.length).toBeGreaterThan(0);
    const first = all!.products.slice(0, published.length);
    expect(first.map(({ product_id: product, score, reason }) => ({ subject_id: asked, product_id: product, score, reason }))).toEqual(
      published,
    );
    const owned = new Set(night.lines.filter((line) => isGoods(line) && line.customer === asked).map(({ product }) => product));
    expect(new Set(all!.owned)).toEqual(owned);
    for (const { products, method } of night.advice) {
      expect(products.length).toBe(12);
      expect(products.filter(({ product_id: product }) => owned.has(product))).toEqual([]);
      expect(products.every(({ rule }) => (rule === null) === (method === 'segment'))).toBe(true);
    }
    expect(segment!.products.every(({ reason }) => reason === `typical of ${segment!.segment}`)).toBe(true);
    // Of orders counted here: how often who has the one has the other, too.
    const baskets = new Map<string, Set<string>>();
    for (const { invoice, product } of night.lines.filter(isGoods))
      baskets.set(invoice, (baskets.get(invoice) ?? new Set()).add(product));
    const orders = [...baskets.values()];
    for (const { product_id: offered, reason, rule } of pairs!.products) {
      const from = reason.replace('bought with ', '');
      const [having, both] = [orders.filter((each) => each.has(from)), orders.filter((each) => each.has(from) && each.has(offered))];
      expect(rule!.confidence).toBeCloseTo(both.length / having.length, 12);
      expect(rule!.lift).toBeCloseTo((both.length / having.length / orders.filter((each) => each.has(offered)).length) * orders.length, 9);
    }
    expect(all!.similar.map(({ cosine }) => cosine)).toEqual(all!.similar.map(({ cosine }) => cosine).toSorted((a, b) => b - a));
  });

  withData('offers goods to every shopper and every segment, and no postage', () => {
    const { customers, segments } = night.summary!.recommendations!;
    expect(customers).toBe(night.tags.length);
    expect(segments.map(({ segment }) => segment)).toEqual(night.summary!.segments.map(({ segment }) => segment));
    const offered = segments.flatMap(({ products }) => products.map(({ product_id: id }) => id));
    expect(offered).toHaveLength(10 * segments.length);
    expect(offered.filter((id) => notGoods.includes(id))).toEqual([]);
  });

  withData('offers nobody what they already have, and not one list to all segments', () => {
    const kept = new Map<string, number>();
    const keyOf = (customer: unknown, product: unknown): string => `${String(customer)} ${String(product)}`;
    for (const { customer, product, quantity, price } of night.lines)
      if (price > 0) kept.set(keyOf(customer, product), (kept.get(keyOf(customer, product)) ?? 0) + quantity);
    const owned = night.offers.filter(
      ({ subject_id: id, product_id: product }) => (kept.get(keyOf(id, product)) ?? 0) > 0,
    );
    expect(night.offers.length).toBeGreaterThan(2.9 * night.tags.length);
    expect(owned).toEqual([]);
    expect(night.offers.filter(({ product_id: product }) => notGoods.includes(String(product)))).toEqual([]);
    const lists = night.summary!.recommendations!.segments.map(({ products }) =>
      products.map(({ product_id: id }) => id).join(),
    );
    expect(new Set(lists).size).toBe(lists.length);
  });

  withData('says what each rule of the cleaning left out', () => {
    const removed = Object.fromEntries(night.summary!.removed.map(({ rule, rows_removed: rows }) => [rule, rows]));
    expect(removed).toMatchObject({ no_customer: 135_080, returned: 8905, no_price: 40 });
    expect(night.summary!.removed.every(({ rows_in: rows }) => rows === 541_909)).toBe(true);
  });
});
