import type { NumberColumn, TextColumn } from '../../frame/column.ts';
import type { Catalogue } from './catalogue.ts';
import { liftOf, shrunk, type PairCount } from './rule-measures.ts';

/** The columns of pairs.sql: one row per pair of products that were in the same order. */
export type PairColumns = {
  readonly a: TextColumn;
  readonly b: TextColumn;
  readonly ordersA: NumberColumn;
  readonly ordersB: NumberColumn;
  readonly ordersAb: NumberColumn;
  readonly ordersTotal: NumberColumn;
};

export type RuleOptions = {
  /** A pair counts from so many orders on, and from this share (0..1) of all orders on. */
  readonly minOrders: number;
  readonly minSupport: number;
  /** Only rules with a lift above this. */
  readonly minLift: number;
};

/** Rules "who has a is offered b": those of a stand from `offsets[a]` to before `offsets[a + 1]`, best first. */
export type Rules = {
  readonly count: number;
  readonly offsets: Uint32Array;
  readonly consequent: Int32Array;
  /** Shrunk lift. */
  readonly score: Float64Array;
};

/** A pair whose counts contradict one another, by its row. */
export type ImpossiblePair = { readonly row: number; readonly why: string };

/** The first pair that can't be, which says that the SQL counts something else; undefined when all can. */
export function impossiblePair(columns: PairColumns): ImpossiblePair | undefined {
  const { a, b, ordersTotal } = columns;
  for (let row = 0; row < a.codes.length; row++) {
    const counts = countsAt(columns, row);
    const { ordersA, ordersB, ordersAb } = counts;
    const known = a.codes[row]! >= 0 && b.codes[row]! >= 0;
    if (!known || !Object.values(counts).every(isCount)) return { row, why: 'a value is null, or no whole number' };
    if (a.dictionary[a.codes[row]!] === b.dictionary[b.codes[row]!])
      return { row, why: 'a and b are the same product' };
    if (ordersAb > Math.min(ordersA, ordersB)) return { row, why: 'orders_ab is above orders_a or orders_b' };
    if (Math.max(ordersA, ordersB) > counts.ordersTotal)
      return { row, why: 'orders_a or orders_b is above orders_total' };
    if (counts.ordersTotal !== ordersTotal.values[0]) return { row, why: 'orders_total is not the same in all rows' };
  }
  return undefined;
}

/**
 * Makes rules in both directions of every pair that has the support, ranked by lift shrunk by the orders
 * it rests on. Equal scores: the pair in more orders first, then the product whose id is first bytewise.
 * The pairs must have passed `impossiblePair`; a pair listed twice, also as (b, a), counts once.
 */
export function makeRules(columns: PairColumns, catalogue: Catalogue, options: RuleOptions): Rules {
  const [numbersA, numbersB] = [catalogue.numbersOf(columns.a.dictionary), catalogue.numbersOf(columns.b.dictionary)];
  const rules: Rule[][] = catalogue.productIds.map(() => []);
  for (let row = 0; row < columns.a.codes.length; row++) {
    const [a, b] = [numbersA[columns.a.codes[row]!]!, numbersB[columns.b.codes[row]!]!];
    const counts = countsAt(columns, row);
    const enough = Math.max(options.minOrders, options.minSupport * counts.ordersTotal);
    if (a < 0 || b < 0 || counts.ordersAb < enough) continue;
    const lift = liftOf(counts);
    if (lift <= options.minLift) continue;
    const [score, orders] = [shrunk(lift, counts.ordersAb), counts.ordersAb];
    rules[a]!.push({ consequent: b, score, orders });
    rules[b]!.push({ consequent: a, score, orders });
  }
  return pack(rules.map(ranked));
}

/** The counts of the pair from product `a` on to product `b`, whichever way round it is listed; it must be. */
export function pairCountOf(columns: PairColumns, a: string, b: string): PairCount {
  for (let row = 0; row < columns.a.codes.length; row++) {
    const [left, right] = [textAt(columns.a, row), textAt(columns.b, row)];
    const counts = countsAt(columns, row);
    if (left === a && right === b) return counts;
    if (left === b && right === a) return { ...counts, ordersA: counts.ordersB, ordersB: counts.ordersA };
  }
  throw new RangeError(`no pair of ${a} and ${b}`);
}

function textAt({ dictionary, codes }: TextColumn, row: number): string {
  return dictionary[codes[row]!]!;
}

type Rule = { readonly consequent: number; readonly score: number; readonly orders: number };

function ranked(rules: readonly Rule[]): Rule[] {
  const seen = new Set<number>();
  return rules
    .toSorted((x, y) => y.score - x.score || y.orders - x.orders || x.consequent - y.consequent)
    .filter(({ consequent }) => !seen.has(consequent) && seen.add(consequent));
}

function pack(rules: readonly (readonly Rule[])[]): Rules {
  const offsets = new Uint32Array(rules.length + 1);
  for (const [a, each] of rules.entries()) offsets[a + 1] = offsets[a]! + each.length;
  const all = rules.flat();
  return {
    count: all.length,
    offsets,
    consequent: Int32Array.from(all, ({ consequent }) => consequent),
    score: Float64Array.from(all, ({ score }) => score),
  };
}

function countsAt({ ordersA, ordersB, ordersAb, ordersTotal }: PairColumns, row: number): PairCount {
  return {
    ordersA: ordersA.values[row]!,
    ordersB: ordersB.values[row]!,
    ordersAb: ordersAb.values[row]!,
    ordersTotal: ordersTotal.values[row]!,
  };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
