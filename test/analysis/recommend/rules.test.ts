import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogueOf } from '../../../src/analysis/recommend/catalogue.ts';
import { liftOf, ruleMeasures, shrunk, type PairCount } from '../../../src/analysis/recommend/rule-measures.ts';
import { impossiblePair, makeRules, type RuleOptions } from '../../../src/analysis/recommend/rules.ts';
import { pairColumns, pairsOf, type Baskets } from './columns.ts';

/** Whole counts that a published support and confidence (rounded to six digits) leave no choice about. */
function countsFrom(total: number, support: number, confidence: number, reverseConfidence: number): PairCount {
  const ordersAb = Math.round(support * total);
  return {
    ordersAb,
    ordersA: Math.round(ordersAb / confidence),
    ordersB: Math.round(ordersAb / reverseConfidence),
    ordersTotal: total,
  };
}

const reversed = ({ ordersA, ordersB, ...rest }: PairCount): PairCount => ({
  ...rest,
  ordersA: ordersB,
  ordersB: ordersA,
});

describe('the measures of a rule', () => {
  const published = countsFrom(362_109, 0.010279, 0.754358, 0.607872);

  it('are those that mlxtend printed for two products in 362,109 baskets, in both directions', () => {
    const printed = [
      [ruleMeasures(published), [0.010279, 0.754358, 44.612061, 0.010048, 4.00212, 0.991089]],
      [ruleMeasures(reversed(published)), [0.010279, 0.607872, 44.612061, 0.010048, 2.515439, 0.994399]],
    ] as const;
    for (const [measures, expected] of printed) {
      const { support, confidence, lift, leverage, conviction, zhang } = measures;
      const found = [support, confidence, lift, leverage, conviction, zhang].map((value) => Number(value.toFixed(6)));
      expect(found).toEqual(expected);
    }
  });

  it('give the printed lift where only support, confidence and lift are known', () => {
    const [confidence, lift] = [0.144182, 1.762173];
    const ordersAb = Math.round(0.014725 * 362_109);
    const counts = {
      ordersAb,
      ordersA: Math.round(ordersAb / confidence),
      ordersB: Math.round((confidence / lift) * 362_109),
      ordersTotal: 362_109,
    };
    expect(ruleMeasures(counts).confidence).toBeCloseTo(confidence, 6);
    expect(ruleMeasures(counts).lift).toBeCloseTo(lift, 4);
  });

  it('are at the edges what mlxtend makes of them', () => {
    const never = { ordersA: 4, ordersB: 5, ordersAb: 4, ordersTotal: 10 };
    // One in six of the orders without a has b, all of those with a: (1 - 1/6) / 1.
    const zhang = expect.closeTo(5 / 6, 12);
    expect(ruleMeasures(never)).toMatchObject({ confidence: 1, lift: 2, conviction: Infinity, zhang });
    const everywhere = { ordersA: 10, ordersB: 10, ordersAb: 10, ordersTotal: 10 };
    expect(ruleMeasures(everywhere)).toMatchObject({ lift: 1, leverage: 0, conviction: Infinity, zhang: 0 });
    const apart = { ordersA: 5, ordersB: 5, ordersAb: 0, ordersTotal: 10 };
    expect(ruleMeasures(apart)).toMatchObject({ confidence: 0, lift: 0, leverage: -0.25, conviction: 0.5, zhang: -1 });
    const independent = { ordersA: 5, ordersB: 4, ordersAb: 2, ordersTotal: 10 };
    expect(ruleMeasures(independent)).toMatchObject({ lift: 1, leverage: 0, conviction: 1, zhang: 0 });
  });

  it('agree with what the orders say when each share is counted by hand', () => {
    const pair = fc
      .record({ both: fc.nat(50), onlyA: fc.nat(50), onlyB: fc.nat(50), neither: fc.nat(50) })
      .filter(({ both, onlyA, onlyB }) => both + onlyA > 0 && both + onlyB > 0);
    fc.assert(
      fc.property(pair, ({ both, onlyA, onlyB, neither }) => {
        const ordersTotal = both + onlyA + onlyB + neither;
        const counts = { ordersA: both + onlyA, ordersB: both + onlyB, ordersAb: both, ordersTotal };
        const { support, confidence, lift, leverage, conviction, zhang } = ruleMeasures(counts);
        expect(support).toBe(both / ordersTotal);
        expect(confidence).toBeCloseTo(both / (both + onlyA), 12);
        expect(lift).toBeCloseTo((both * ordersTotal) / ((both + onlyA) * (both + onlyB)), 9);
        expect(leverage).toBeCloseTo((both * neither - onlyA * onlyB) / ordersTotal ** 2, 12);
        expect(zhang).toBeGreaterThanOrEqual(-1 - 1e-9);
        expect(zhang).toBeLessThanOrEqual(1 + 1e-9);
        if (onlyA > 0) {
          const byChance = ((both + onlyA) * (onlyA + neither)) / ordersTotal / onlyA;
          expect(conviction).toBeCloseTo(byChance, 8);
        } else expect(conviction).toBe(Infinity);
        const back = ruleMeasures(reversed(counts));
        expect([back.support, back.leverage]).toEqual([support, expect.closeTo(leverage, 12)]);
        expect(back.lift).toBeCloseTo(lift, 9);
        expect(liftOf(counts)).toBeCloseTo(lift, 9);
        expect(liftOf(reversed(counts))).toBe(liftOf(counts));
      }),
    );
  });

  it('halve a ratio that rests on twenty orders', () => {
    expect([shrunk(6, 20), shrunk(6, 0), shrunk(6, 180)]).toEqual([3, 0, 5.4]);
  });
});

const all: RuleOptions = { minOrders: 1, minSupport: 0, minLift: 0 };

function rulesOf(rows: Parameters<typeof pairColumns>[0], options: Partial<RuleOptions> = {}, exclude: string[] = []) {
  const columns = pairColumns(rows);
  const catalogue = catalogueOf([columns.a.dictionary, columns.b.dictionary], exclude);
  const { offsets, consequent, score, count } = makeRules(columns, catalogue, { ...all, ...options });
  const list = catalogue.productIds.flatMap((a, number) =>
    Array.from({ length: offsets[number + 1]! - offsets[number]! }, (_, i) => {
      const rule = offsets[number]! + i;
      return { rule: `${a} → ${catalogue.productIds[consequent[rule]!]}`, score: score[rule]! };
    }),
  );
  expect(list).toHaveLength(count);
  return list;
}

describe('rules', () => {
  it('go in both directions, the best of a product first', () => {
    const found = rulesOf([
      ['cup', 'saucer', 40, 50, 30, 1000],
      ['cup', 'tray', 40, 100, 8, 1000],
    ]);
    expect(found).toEqual([
      { rule: 'cup → saucer', score: expect.closeTo((15 * 30) / 50, 9) },
      { rule: 'cup → tray', score: expect.closeTo((2 * 8) / 28, 9) },
      { rule: 'saucer → cup', score: expect.closeTo((15 * 30) / 50, 9) },
      { rule: 'tray → cup', score: expect.closeTo((2 * 8) / 28, 9) },
    ]);
  });

  it('need the support: so many orders, and that share of all orders', () => {
    const pairs = [
      ['a', 'b', 50, 50, 4, 10_000],
      ['a', 'c', 50, 50, 9, 10_000],
      ['a', 'd', 50, 50, 10, 10_000],
    ] as const;
    const from = (options: Partial<RuleOptions>) =>
      rulesOf(pairs, options).flatMap(({ rule }) => (rule.startsWith('a') ? [rule] : []));
    expect(from({ minOrders: 5 })).toEqual(['a → d', 'a → c']);
    expect(from({ minOrders: 5, minSupport: 0.001 })).toEqual(['a → d']);
  });

  it('are those above the least lift only: what everybody buys is no companion', () => {
    expect(rulesOf([['a', 'bag', 100, 500, 50, 1000]], { minLift: 1 })).toEqual([]);
    expect(rulesOf([['a', 'bag', 100, 500, 51, 1000]], { minLift: 1 })).toHaveLength(2);
  });

  it('of equal score stand by their orders, then by the bytes of the id', () => {
    const found = rulesOf([
      ['a', 'z', 40, 40, 20, 1000],
      ['a', 'é', 40, 40, 20, 1000],
      ['a', 'B', 40, 40, 20, 1000],
      ['a', 'b', 40, 40, 20, 1000],
    ]);
    expect(found.filter(({ rule }) => rule.startsWith('a')).map(({ rule }) => rule.slice(-1))).toEqual([
      'B',
      'b',
      'z',
      'é',
    ]);
  });

  it('leave excluded products out on both sides', () => {
    const pairs = [
      ['cup', 'POST', 40, 50, 30, 1000],
      ['cup', 'gift_0001_20', 40, 50, 30, 1000],
      ['cup', 'saucer', 40, 50, 30, 1000],
    ] as const;
    const found = rulesOf(pairs, {}, ['POST', 'gift_*']);
    expect(found.map(({ rule }) => rule)).toEqual(['cup → saucer', 'saucer → cup']);
    expect(rulesOf(pairs, {}, ['*']).length).toBe(0);
  });

  it('do not depend on the order of the rows, nor on which product of a pair is a', () => {
    const orders: fc.Arbitrary<Baskets> = fc.array(
      fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(orders, fc.infiniteStream(fc.boolean()), (baskets, flips) => {
        const pairs = pairsOf(baskets);
        const turned = pairs
          .toReversed()
          .map((pair) =>
            flips.next().value === true ? ([pair[1], pair[0]!, pair[3], pair[2], pair[4], pair[5]] as const) : pair,
          );
        const expected = rulesOf(pairs);
        const found = rulesOf(turned);
        expect(found.map(({ rule }) => rule)).toEqual(expected.map(({ rule }) => rule));
      }),
    );
  });
});

describe('a pair that cannot be', () => {
  it.each([
    [['a', 'b', 3, 5, 4, 10], 'orders_ab is above'],
    [['a', 'b', 3, 50, 2, 10], 'above orders_total'],
    [['a', 'a', 3, 3, 3, 10], 'same product'],
    [['a', 'b', 3, 3, 2.5, 10], 'no whole number'],
    [['a', 'b', 3, 3, 0, 10], 'no whole number'],
    [[null, 'b', 3, 3, 1, 10], 'null'],
    [['a', 'b', Number.NaN, 3, 1, 10], 'null'],
    [['a', 'b', 3, 3, 1, 11], 'not the same in all rows'],
  ] as const)('is found: %j', (pair, why) => {
    const found = impossiblePair(pairColumns([['x', 'y', 3, 3, 1, 10], pair]));
    expect(found).toEqual({ row: 1, why: expect.stringContaining(why) });
  });

  it('is not seen in pairs that were counted', () => {
    expect(impossiblePair(pairColumns(pairsOf([['a', 'b'], ['a', 'b', 'c'], ['c']])))).toBeUndefined();
  });
});
