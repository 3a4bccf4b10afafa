import type { Matrix } from '../matrix.ts';

/** How many rows of the matrix differ from all others, counted up to `limit`. */
export function distinctRows({ rowCount, columnCount, values }: Matrix, limit: number): number {
  const seen = new Set<string>();
  for (let row = 0; row < rowCount && seen.size < limit; row++) {
    seen.add(values.subarray(row * columnCount, (row + 1) * columnCount).join());
  }
  return seen.size;
}
