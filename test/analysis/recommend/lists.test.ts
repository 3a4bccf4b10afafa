import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idColumn } from '../../../src/frame/id.ts';
import { catalogueOf } from '../../../src/analysis/recommend/catalogue.ts';
import { fromEveryone, fromSegment, listForCustomers } from '../../../src/analysis/recommend/customer-lists.ts';
import { rankPopularity } from '../../../src/analysis/recommend/popularity.ts';
import { groupPurchases } from '../../../src/analysis/recommend/purchases.ts';
import { makeRules } from '../../../src/analysis/recommend/rules.ts';
import { pairColumns, pairsOf, purchaseColumns } from './columns.ts';

type Shop = {
  /** Customer id to segment and what the customer has. */
  readonly customers: Readonly<Record<string, readonly [segment: number, ...products: string[]]>>;
  readonly pairs?: Parameters<typeof pairColumns>[0];
  readonly exclude?: readonly string[];
  readonly minBuyers?: number;
  readonly perCustomer?: number;
};

function recommend({ customers, pairs = [], exclude = [], minBuyers = 1, perCustomer = 3 }: Shop) {
  const ids = Object.keys(customers).toSorted();
  const columns = purchaseColumns(ids.flatMap((id) => customers[id]!.slice(1).map((product) => [id, String(product)])));
  const paired = pairColumns(pairs);
  const catalogue = catalogueOf([columns.productId.dictionary, paired.a.dictionary, paired.b.dictionary], [...exclude]);
  const purchases = groupPurchases(columns, idColumn(ids), catalogue);
  const segmentOf = Int32Array.from(ids, (id) => customers[id]![0]);
  const productCount = catalogue.productIds.length;
  const popularity = rankPopularity({ purchases, segmentOf, segmentCount: 2, productCount, minBuyers });
  const rules = makeRules(paired, catalogue, { minOrders: 1, minSupport: 0, minLift: 1 });
  const lists = listForCustomers({ purchases, rules, popularity, segmentOf, productCount, perCustomer });
  const nameOf = (origin: number): string =>
    origin === fromSegment ? 'segment' : origin === fromEveryone ? 'everyone' : catalogue.productIds[origin]!;
  const named = ids.map((id, i) => {
    const entries = Array.from({ length: lists.offsets[i + 1]! - lists.offsets[i]! }, (_, j) => {
      const entry = lists.offsets[i]! + j;
      return `${catalogue.productIds[lists.products[entry]!]} (${nameOf(lists.origin[entry]!)})`;
    });
    return [id, entries] as const;
  });
  const products = (ranking: { products: Int32Array }): string[] =>
    Array.from(ranking.products, (product) => catalogue.productIds[product]!);
  return {
    lists: Object.fromEntries(named),
    segments: popularity.segments.map(products),
    segmentScores: popularity.segments.map(({ score }) => [...score]),
    overall: products(popularity.overall),
  };
}

describe('what is typical of a segment', () => {
  it('is the share of its customers over the share of all, shrunk by its buyers', () => {
    const { segments, segmentScores, overall } = recommend({
      customers: {
        a: [0, 'tea', 'bag'],
        b: [0, 'tea', 'bag'],
        c: [1, 'bag', 'cup'],
        d: [1, 'bag'],
      },
    });
    // tea: 2 of 2 here, 2 of 4 overall; bag: 2 of 2 here, 4 of 4 overall.
    expect(segments).toEqual([
      ['tea', 'bag'],
      ['cup', 'bag'],
    ]);
    expect(segmentScores[0]).toEqual([(2 * 2) / 22, (1 * 2) / 22]);
    expect(overall).toEqual(['bag', 'tea', 'cup']);
  });

  it('needs so many buyers in the segment, and counts a wholesaler once', () => {
    const { segments } = recommend({
      minBuyers: 2,
      customers: { a: [0, 'tea', 'rare'], b: [0, 'tea'], c: [1, 'bag'] },
    });
    expect(segments).toEqual([['tea'], []]);
  });

  it('settles ties by the bytes of the product id', () => {
    const { segments } = recommend({ customers: { a: [0, 'b', 'B', 'é', '10', '9'], c: [1, 'x'] } });
    expect(segments[0]).toEqual(['10', '9', 'B', 'b', 'é']);
  });
});

describe('the list of a customer', () => {
  const pairs = [
    ['cup', 'saucer', 40, 50, 30, 1000],
    ['cup', 'tray', 40, 60, 10, 1000],
    ['spoon', 'tray', 40, 60, 30, 1000],
  ] as const;

  it('has the best rules from what they have first, then their segment, then everybody', () => {
    const { lists } = recommend({
      pairs,
      perCustomer: 4,
      customers: { a: [0, 'cup', 'spoon'], b: [0, 'tea'], c: [1, 'bag'], d: [1, 'bag'] },
    });
    // cup → saucer scores 9; spoon → tray 7.5 and cup → tray 1.4 come to 8.9.
    expect(lists.a).toEqual(['saucer (cup)', 'tray (spoon)', 'tea (segment)', 'bag (everyone)']);
    expect(lists.b).toEqual(['cup (segment)', 'spoon (segment)', 'bag (everyone)']);
    expect(lists.c).toEqual(['cup (everyone)', 'spoon (everyone)', 'tea (everyone)']);
  });

  it('prefers what several of their products lead to, and names the one that does most', () => {
    const hints = [
      ['cup', 'saucer', 40, 50, 30, 1000],
      ['cup', 'tray', 40, 60, 28, 1000],
      ['spoon', 'tray', 40, 60, 30, 1000],
    ] as const;
    const { lists } = recommend({ pairs: hints, perCustomer: 2, customers: { a: [0, 'cup', 'spoon'], b: [0, 'cup'] } });
    expect([lists.a, lists.b]).toEqual([
      ['tray (spoon)', 'saucer (cup)'],
      ['saucer (cup)', 'tray (cup)'],
    ]);
  });

  it('differs by segment: nobody gets the products of another one', () => {
    const { lists } = recommend({
      perCustomer: 1,
      customers: { a: [0, 'tea'], b: [0], c: [1, 'wine'], d: [1] },
    });
    expect([lists.b, lists.d]).toEqual([['tea (segment)'], ['wine (segment)']]);
  });

  it('never names postage or a manual code, though all customers have it', () => {
    const { lists, segments } = recommend({
      pairs: [['cup', 'POST', 40, 50, 30, 1000]],
      exclude: ['POST', 'M', 'gift_*'],
      customers: { a: [0, 'cup', 'POST', 'M'], b: [0, 'POST', 'M', 'gift_0001_10'], c: [1, 'tea'] },
    });
    expect(lists.a).toEqual(['tea (everyone)']);
    expect(lists.b).toEqual(['cup (segment)', 'tea (everyone)']);
    expect(segments).toEqual([['cup'], ['tea']]);
  });

  it('is empty for a customer without a segment', () => {
    expect(recommend({ customers: { a: [-1, 'x'], b: [0, 'tea'], c: [0] } }).lists).toEqual({
      a: [],
      b: [],
      c: ['tea (segment)'],
    });
  });

  it('names nothing twice, nothing owned, nothing excluded, and is as long as it can be', () => {
    const product = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'POST');
    const shop = fc.record({
      baskets: fc.array(fc.uniqueArray(product), { minLength: 1, maxLength: 12 }),
      orders: fc.array(fc.uniqueArray(product, { minLength: 2 }), { maxLength: 20 }),
      perCustomer: fc.nat(5),
    });
    fc.assert(
      fc.property(shop, ({ baskets, orders, perCustomer }) => {
        const customers = Object.fromEntries(
          baskets.map((owned, i) => [`c${String(i).padStart(2, '0')}`, [i % 2, ...owned] as [number, ...string[]]]),
        );
        const { lists, overall } = recommend({ customers, pairs: pairsOf(orders), exclude: ['POST'], perCustomer });
        for (const [id, [, ...owned]] of Object.entries(customers)) {
          const names = lists[id]!.map((entry) => entry.split(' ')[0]!);
          expect(new Set(names).size).toBe(names.length);
          expect(names.filter((name) => owned.includes(name) || name === 'POST')).toEqual([]);
          const known = new Set([...overall, ...names]);
          const possible = [...known].filter((name) => !owned.includes(name)).length;
          expect(names.length).toBeGreaterThanOrEqual(Math.min(perCustomer, possible));
          expect(names.length).toBeLessThanOrEqual(perCustomer);
        }
      }),
    );
  });
});

describe('purchases', () => {
  it('count as owned once, where something was kept; unknown customers are counted', () => {
    const columns = purchaseColumns([
      ['b', 'tea', 1, 2],
      ['a', 'cup', 2, 1],
      ['b', 'cup', 1, 1],
      ['b', 'tea', 3, 1],
      ['a', 'returned', 1, 0],
      ['a', 'sent back twice', 1, -3],
      ['a', 'unknown', null, 1],
      ['a', 'unknown', 1, Number.NaN],
      ['a', null, 1, 1],
      ['aa', 'cup', 1, 1],
      ['zz', 'cup', 1, 1],
    ]);
    const catalogue = catalogueOf([columns.productId.dictionary], []);
    const { offsets, products, strangers } = groupPurchases(columns, idColumn(['a', 'b']), catalogue);
    const owned = (customer: number): string[] =>
      Array.from(products.subarray(offsets[customer], offsets[customer + 1]), (n) => catalogue.productIds[n]!);
    expect([owned(0), owned(1), strangers]).toEqual([['cup'], ['cup', 'tea'], 2]);
  });
});
