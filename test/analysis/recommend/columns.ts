import { createColumnBuilder } from '../../../src/frame/builder.ts';
import type { NumberColumn, TextColumn } from '../../../src/frame/column.ts';
import { idColumn } from '../../../src/frame/id.ts';
import type { PurchaseColumns } from '../../../src/analysis/recommend/purchases.ts';
import type { PairColumns } from '../../../src/analysis/recommend/rules.ts';

/** Baskets of customers, or of orders, as sets of product ids. */
export type Baskets = readonly (readonly string[])[];

function texts(values: readonly (string | null)[]): TextColumn {
  const builder = createColumnBuilder('text');
  for (const value of values) builder.push(value);
  return builder.finish() as TextColumn;
}

function numbers(values: readonly (number | null)[]): NumberColumn {
  const builder = createColumnBuilder('number');
  for (const value of values) builder.push(value);
  return builder.finish() as NumberColumn;
}

/** Rows of purchases.sql. */
export function purchaseColumns(
  rows: readonly (readonly [customer: string, product: string | null, orders?: number | null, units?: number | null])[],
): PurchaseColumns {
  return {
    customerId: idColumn(rows.map(([customer]) => customer)),
    productId: texts(rows.map(([, product]) => product)),
    orders: numbers(rows.map(([, , orders]) => (orders === undefined ? 1 : orders))),
    units: numbers(rows.map(([, , , units]) => (units === undefined ? 1 : units))),
  };
}

type PairRow = readonly [
  a: string | null,
  b: string,
  ordersA: number,
  ordersB: number,
  ordersAb: number,
  total: number,
];

/** Rows of pairs.sql. */
export function pairColumns(rows: readonly PairRow[]): PairColumns {
  return {
    a: texts(rows.map(([a]) => a)),
    b: texts(rows.map(([, b]) => b)),
    ordersA: numbers(rows.map((row) => row[2])),
    ordersB: numbers(rows.map((row) => row[3])),
    ordersAb: numbers(rows.map((row) => row[4])),
    ordersTotal: numbers(rows.map((row) => row[5])),
  };
}

/** What pairs.sql would count over these orders, counted the slow way. */
export function pairsOf(orders: Baskets): PairRow[] {
  const sets = orders.map((order) => new Set(order));
  const products = [...new Set(orders.flat())].toSorted();
  const having = (...wanted: string[]): number => sets.filter((set) => wanted.every((each) => set.has(each))).length;
  return products.flatMap((a, i) =>
    products
      .slice(i + 1)
      .filter((b) => having(a, b) > 0)
      .map((b) => [a, b, having(a), having(b), having(a, b), orders.length] as const),
  );
}
