import { isNull, type IdColumn, type NumberColumn, type TextColumn } from '../../frame/column.ts';
import { compareIds, rowOfId } from '../../frame/id.ts';
import type { Catalogue } from './catalogue.ts';

/** What each customer owns: the products of customer i are `products[offsets[i]]` to before `products[offsets[i + 1]]`. */
export type Purchases = {
  readonly offsets: Uint32Array;
  /** Catalogue numbers, ascending within a customer, each once. */
  readonly products: Int32Array;
  /** Rows of customers that are not among those asked for. */
  readonly strangers: number;
};

/** The columns of purchases.sql, one row per customer and product, in any order. */
export type PurchaseColumns = {
  readonly customerId: IdColumn;
  readonly productId: TextColumn;
  readonly orders: NumberColumn;
  readonly units: NumberColumn;
};

/** Whose each row of purchases is, and of what. */
export type OwnedRows = {
  /** The customer of each row, -1 where nothing is owned by it. */
  readonly owner: Int32Array;
  /** The catalogue number of each row's product, -1 for one that is not in it. */
  readonly product: Int32Array;
  /** Rows of customers that are not among those asked for. */
  readonly strangers: number;
};

/**
 * Finds the owner of each row. `customers` is in bytewise order without repeats. A product counts as
 * owned where orders and units are above 0: who sent all back owns nothing; null and NaN are not above 0.
 * Products outside the catalogue are left out.
 */
export function ownedRows(columns: PurchaseColumns, customers: IdColumn, catalogue: Catalogue): OwnedRows {
  const { customerId, productId, orders, units } = columns;
  const numbers = catalogue.numbersOf(productId.dictionary);
  const find = finder(customers, customerId);
  const owner = new Int32Array(productId.codes.length).fill(-1);
  const product = new Int32Array(productId.codes.length).fill(-1);
  let strangers = 0;
  for (let row = 0; row < owner.length; row++) {
    const customer = isNull(customerId, row) ? -1 : find(row);
    if (customer < 0) strangers++;
    const code = productId.codes[row]!;
    if (code >= 0) product[row] = numbers[code]!;
    if (product[row]! >= 0 && orders.values[row]! > 0 && units.values[row]! > 0) owner[row] = customer;
  }
  return { owner, product, strangers };
}

/** Groups purchases by customer (`customers` as for `ownedRows`); repeated rows count once. */
export function groupPurchases(columns: PurchaseColumns, customers: IdColumn, catalogue: Catalogue): Purchases {
  const { owner, product, strangers } = ownedRows(columns, customers, catalogue);
  const customerCount = customers.offsets.length - 1;
  const offsets = new Uint32Array(customerCount + 1);
  for (const customer of owner) if (customer >= 0) offsets[customer + 1]!++;
  for (let customer = 0; customer < customerCount; customer++) offsets[customer + 1]! += offsets[customer]!;
  const products = new Int32Array(offsets[customerCount]!);
  const next = offsets.slice();
  for (let row = 0; row < owner.length; row++) {
    if (owner[row]! >= 0) products[next[owner[row]!]!++] = product[row]!;
  }
  return { ...sortedOnce(offsets, products), strangers };
}

/** Finds the customer of a row; rows of one customer mostly follow one another. */
function finder(customers: IdColumn, ids: IdColumn): (row: number) => number {
  let last = -1;
  return (row) => {
    if (last >= 0 && compareIds(customers, last, ids, row) === 0) return last;
    const found = rowOfId(customers, ids, row);
    if (found >= 0) last = found;
    return found;
  };
}

function sortedOnce(offsets: Uint32Array, products: Int32Array): Pick<Purchases, 'offsets' | 'products'> {
  const kept = new Uint32Array(offsets.length);
  let used = 0;
  for (let customer = 0; customer + 1 < offsets.length; customer++) {
    const start = used;
    for (const product of products.subarray(offsets[customer]!, offsets[customer + 1]!).sort()) {
      if (used === start || products[used - 1] !== product) products[used++] = product;
    }
    kept[customer + 1] = used;
  }
  return { offsets: kept, products: products.slice(0, used) };
}
