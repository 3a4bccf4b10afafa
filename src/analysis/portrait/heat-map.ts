import { rowsWhere } from '../../frame/rows.ts';
import type { NumericColumn } from '../matrix.ts';

/** Customers by two columns in bands: `counts[row][column]`, rows by `y`. */
export type HeatMap = {
  readonly x: string;
  readonly y: string;
  readonly xBands: readonly Band[];
  readonly yBands: readonly Band[];
  readonly counts: readonly (readonly number[])[];
  /** Customers without a finite value in one of the columns. */
  readonly left_out: number;
};

/** Values from `from` (included) to `below`; null is open. */
type Band = { readonly from: number | null; readonly below: number | null };

const dayEdges = [31, 91, 181, 366, 731];
const countEdges = [2, 3, 4, 6, 11, 21, 51];

/**
 * Counts customers by how long ago (`x`, in days: bands of a month to two years) and how often (`y`: 1, 2, 3, 4–5, …).
 * Bands at either end that nobody is in are left out.
 */
export function countByBands(x: NumericColumn, y: NumericColumn): HeatMap {
  const rows = rowsWhere(x.values.length, (row) => Number.isFinite(x.values[row]) && Number.isFinite(y.values[row]));
  const [xEdges, yEdges] = [usedEdges(x, rows, dayEdges), usedEdges(y, rows, countEdges)];
  const counts = Array.from({ length: yEdges.length + 1 }, () => Array.from({ length: xEdges.length + 1 }, () => 0));
  for (const row of rows) counts[bandOf(y.values[row]!, yEdges)]![bandOf(x.values[row]!, xEdges)]!++;
  return {
    x: x.name,
    y: y.name,
    xBands: bandsOf(xEdges),
    yBands: bandsOf(yEdges),
    counts,
    left_out: x.values.length - rows.length,
  };
}

/** The edges that have customers on both sides. */
function usedEdges({ values }: NumericColumn, rows: Uint32Array, edges: readonly number[]): number[] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const row of rows) {
    least = Math.min(least, values[row]!);
    greatest = Math.max(greatest, values[row]!);
  }
  return edges.filter((edge) => edge > least && edge <= greatest);
}

function bandOf(value: number, edges: readonly number[]): number {
  const band = edges.findIndex((edge) => value < edge);
  return band < 0 ? edges.length : band;
}

function bandsOf(edges: readonly number[]): Band[] {
  return Array.from({ length: edges.length + 1 }, (_, i) => ({ from: edges[i - 1] ?? null, below: edges[i] ?? null }));
}
