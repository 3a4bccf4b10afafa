import type { Popularity, Ranking } from './popularity.ts';
import type { Purchases } from './purchases.ts';
import type { Rules } from './rules.ts';

/** Where a recommendation comes from, when no product of the customer's led to it. */
export const fromSegment = -1;
export const fromEveryone = -2;

/** The list of customer i stands from `offsets[i]` to before `offsets[i + 1]`, best first. */
export type CustomerLists = {
  readonly offsets: Uint32Array;
  readonly products: Int32Array;
  /** Sum of the rules' scores, the segment's score, or the share of all customers, by `origin`. */
  readonly score: Float64Array;
  /** The product of the customer's that most led to it, or `fromSegment`, or `fromEveryone`. */
  readonly origin: Int32Array;
};

export type CustomerListsInput = {
  readonly purchases: Purchases;
  readonly rules: Rules;
  readonly popularity: Popularity;
  /** Of each customer, -1 for none: who has none gets no list. */
  readonly segmentOf: Int32Array;
  readonly productCount: number;
  /** Entries of a list at most. */
  readonly perCustomer: number;
};

/**
 * Lists products that a customer doesn't have: first those that rules from the products they have lead
 * to, by the sum of the rules' scores, so that many weak hints outweigh one strong; then what is typical
 * of their segment; then what most customers have. Equal scores: the product whose id is first bytewise,
 * and of equally strong rules to it that from the first product gives the reason.
 * No product is listed twice, and none that the customer has.
 */
export function listForCustomers(input: CustomerListsInput): CustomerLists {
  const { segmentOf, perCustomer, productCount } = input;
  const offsets = new Uint32Array(segmentOf.length + 1);
  const room = segmentOf.length * Math.min(perCustomer, productCount);
  const lists = { products: new Int32Array(room), score: new Float64Array(room), origin: new Int32Array(room) };
  const chooser = createChooser(input);
  let used = 0;
  for (let customer = 0; customer < segmentOf.length; customer++) {
    if (segmentOf[customer]! >= 0) {
      chooser.choose(customer, (product, score, origin) => {
        lists.products[used] = product;
        lists.score[used] = score;
        lists.origin[used++] = origin;
      });
    }
    offsets[customer + 1] = used;
  }
  const cut = { products: lists.products.slice(0, used), origin: lists.origin.slice(0, used) };
  return { offsets, ...cut, score: lists.score.slice(0, used) };
}

type Emit = (product: number, score: number, origin: number) => void;

/** Works for one customer at a time on scratch space of its own; `taken` holds the customer that marked it. */
function createChooser({ purchases, rules, popularity, segmentOf, productCount, perCustomer }: CustomerListsInput) {
  const taken = new Int32Array(productCount).fill(-1);
  const total = new Float64Array(productCount);
  const strongest = new Float64Array(productCount);
  const origin = new Int32Array(productCount);
  const reached: number[] = [];

  const reach = (customer: number): void => {
    reached.length = 0;
    const { offsets, products } = purchases;
    for (let i = offsets[customer]!; i < offsets[customer + 1]!; i++) taken[products[i]!] = customer;
    for (let i = offsets[customer]!; i < offsets[customer + 1]!; i++) {
      const owned = products[i]!;
      for (let rule = rules.offsets[owned]!; rule < rules.offsets[owned + 1]!; rule++) {
        const product = rules.consequent[rule]!;
        if (taken[product] === customer) continue;
        if (total[product] === 0) reached.push(product);
        total[product]! += rules.score[rule]!;
        if (rules.score[rule]! <= strongest[product]!) continue;
        strongest[product] = rules.score[rule]!;
        origin[product] = owned;
      }
    }
  };

  const fill = (customer: number, { products, score }: Ranking, from: number, count: number, emit: Emit): number => {
    let listed = count;
    for (let i = 0; i < products.length && listed < perCustomer; i++) {
      if (taken[products[i]!] === customer) continue;
      taken[products[i]!] = customer;
      emit(products[i]!, score[i]!, from);
      listed++;
    }
    return listed;
  };

  return {
    choose(customer: number, emit: Emit): void {
      reach(customer);
      const first = bestOf(reached, perCustomer, total);
      for (const product of first) {
        taken[product] = customer;
        emit(product, total[product]!, origin[product]!);
      }
      for (const product of reached) {
        total[product] = 0;
        strongest[product] = 0;
      }
      const listed = fill(customer, popularity.segments[segmentOf[customer]!]!, fromSegment, first.length, emit);
      fill(customer, popularity.overall, fromEveryone, listed, emit);
    },
  };
}

/** The products of the highest scores, best first; few of many, so none but the few is sorted. */
function bestOf(products: readonly number[], most: number, score: Float64Array): number[] {
  const isBefore = (x: number, y: number): boolean => score[x]! > score[y]! || (score[x] === score[y] && x < y);
  const chosen: number[] = [];
  for (const product of products) {
    if (chosen.length === most && (most === 0 || !isBefore(product, chosen[most - 1]!))) continue;
    if (chosen.length === most) chosen.pop();
    let place = chosen.length;
    while (place > 0 && isBefore(product, chosen[place - 1]!)) place--;
    chosen.splice(place, 0, product);
  }
  return chosen;
}
