import { numbersOf } from '../../frame/rows.ts';
import { SegtagError } from '../../errors.ts';
import { compareIds, idAt, idColumn } from '../../frame/id.ts';
import type { IdColumn } from '../../frame/column.ts';
import type { AxisCut } from '../../job/rfm/settings.ts';
import { quantile } from '../quantile.ts';

/**
 * Where a bin ends. Customers of exactly `value` belong below it, or, where an `id` is given, those
 * whose id is not after it in bytewise order.
 */
export type Edge = { readonly value: number; readonly id: string | null };

/** The values to be cut, one per customer, with the customers' ids in ascending bytewise order. */
export type AxisValues = { readonly column: string; readonly values: Float64Array; readonly ids: IdColumn };

/**
 * The upper edges of all bins but the last, ascending, from the customers in `rows` (ascending).
 *
 * - `quantile`: type-7 quantiles; customers of equal value share a bin, and equal edges leave bins empty
 * - `rank`: the quantiles of ranks 1..n, equal values ranked by id (pandas: `qcut(rank(method="first"))`)
 * - `ntile`: as many customers in each bin as possible, the first bins one more (NTILE of SQL), ties by id
 * - `values`: the cuts as they are
 *
 * `plusOne` adds 1 to quantiles, as the package rfm of R does. Values must be finite. Throws
 * E_DEGENERATE_FIT without customers, for cuts that don't ascend and for values too large to interpolate.
 */
export function fitEdges(input: AxisValues, rows: Uint32Array, cut: AxisCut, plusOne = false): Edge[] {
  return edgesFrom(input.column, orderFor(input, rows, cut), cut, plusOne);
}

/** Values in ascending order, equal ones by id; only the places that `placesOf` names need to be known. */
export type Ordered = { readonly values: ArrayLike<number>; readonly idOf: (place: number) => string };

/** The places, from 0, in the order of `count` values that the edges of a cut follow from. */
export function placesOf(cut: AxisCut, count: number): number[] {
  if (cut.by === 'values' || count === 0) return [];
  if (cut.by !== 'quantile') return lastRanks(cut, count).map((rank) => rank - 1);
  return cut.shares.flatMap((share) => [Math.floor((count - 1) * share), Math.ceil((count - 1) * share)]);
}

/** The edges of a cut, from values in their order; see `fitEdges`. */
export function edgesFrom(column: string, { values, idOf }: Ordered, cut: AxisCut, plusOne: boolean): Edge[] {
  if (cut.by === 'values') return cut.cuts.map((value) => ({ value, id: null }));
  if (values.length === 0) throw degenerate(column, 'has no customer left to be scored', 'Read more rows');
  if (cut.by === 'quantile')
    return cut.shares.map((share) => quantileEdge(column, quantile(values, share) + (plusOne ? 1 : 0)));
  return placesOf(cut, values.length).map((place) => ({ value: values[place]!, id: idOf(place) }));
}

function orderFor({ values, ids }: AxisValues, rows: Uint32Array, cut: AxisCut): Ordered {
  switch (cut.by) {
    case 'values':
      return { values: [], idOf: () => '' };
    case 'quantile':
      return { values: numbersOf(values, rows).sort(), idOf: () => '' };
    default: {
      // A stable sort of rows in the order of their ids: equal values stay in that order.
      const ranked = rows.slice().sort((a, b) => values[a]! - values[b]! || a - b);
      return { values: numbersOf(values, ranked), idOf: (place) => idAt(ids, ranked[place]!) };
    }
  }
}

/** The bin, from 0, of each customer in `rows`: how many edges lie below. `atEdge` says where a value equal to an edge without id goes. */
export function binsOf(
  { values, ids }: AxisValues,
  rows: Uint32Array,
  edges: readonly Edge[],
  atEdge: 'below' | 'above',
): Uint8Array {
  const edgeIds = edges.map(({ id }) => (id === null ? null : idColumn([id])));
  const isBeyond = (row: number, i: number): boolean => {
    const { value } = edges[i]!;
    const id = edgeIds[i];
    if (values[row] !== value) return values[row]! > value;
    return id ? compareIds(ids, row, id, 0) > 0 : atEdge === 'above';
  };
  const bins = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    while (bins[i]! < edges.length && isBeyond(rows[i]!, bins[i]!)) bins[i]!++;
  }
  return bins;
}

function quantileEdge(column: string, value: number): Edge {
  if (Number.isFinite(value)) return { value, id: null };
  throw degenerate(column, 'has values too large to be cut into bins', 'Check its unit in customers.sql');
}

/** The rank, from 1, of the last customer of each bin but the last. */
function lastRanks(cut: Extract<AxisCut, { by: 'rank' | 'ntile' }>, count: number): number[] {
  if (cut.by === 'rank') return cut.shares.map((share) => Math.floor(1 + (count - 1) * share));
  const least = Math.floor(count / cut.bins);
  const larger = count % cut.bins;
  const ranks = Array.from({ length: cut.bins - 1 }, (_, i) => (i + 1) * least + Math.min(i + 1, larger));
  return ranks.map((rank) => Math.max(rank, 1));
}

function degenerate(column: string, what: string, remedy: string): SegtagError {
  return new SegtagError('E_DEGENERATE_FIT', {
    where: `column "${column}"`,
    what: `The column ${what}.`,
    remedy: `${remedy}.`,
  });
}
