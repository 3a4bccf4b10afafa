import type { OwnedRows } from './purchases.ts';

/** A customer beside another. */
export type Likeness = {
  readonly customer: number;
  /** Cosine of the two customers' orders by product: above 0, and 1 where they are in the same proportions. */
  readonly cosine: number;
  /** Products that both have. */
  readonly shared: number;
};

/**
 * The customers most like one, by the cosine of how many orders of each product they have made; who shares
 * no product is not listed. `orders` goes with the rows, of which there is one per customer and product.
 * Best first; equal cosines: more shared products first, then the lower number. Time: one look at each row.
 */
export function similarCustomers(
  { owner, product }: OwnedRows,
  orders: Float64Array,
  {
    customer,
    customerCount,
    most,
  }: { readonly customer: number; readonly customerCount: number; readonly most: number },
): Likeness[] {
  const mine = new Map<number, number>();
  for (let row = 0; row < owner.length; row++) if (owner[row] === customer) mine.set(product[row]!, orders[row]!);
  const [dot, squares] = [new Float64Array(customerCount), new Float64Array(customerCount)];
  const shared = new Uint32Array(customerCount);
  for (let row = 0; row < owner.length; row++) {
    const of = owner[row]!;
    if (of < 0) continue;
    squares[of]! += orders[row]! ** 2;
    const both = mine.get(product[row]!);
    if (both === undefined) continue;
    dot[of]! += both * orders[row]!;
    shared[of]!++;
  }
  const others = [...shared.keys()].filter((other) => other !== customer && shared[other]! > 0);
  const cosine = (other: number): number => dot[other]! / Math.sqrt(squares[other]! * squares[customer]!);
  return others
    .map((other) => ({ customer: other, cosine: cosine(other), shared: shared[other]! }))
    .toSorted((a, b) => b.cosine - a.cosine || b.shared - a.shared || a.customer - b.customer)
    .slice(0, most);
}
