import type { Matrix } from '../matrix.ts';
import type { Random } from '../random.ts';

/** Rows whose values the cache holds. */
const cachedRows = 1_024;

/** Rows (ascending, repeats allowed) whose weighted inertia estimates that of all rows. */
export type Coreset = { readonly rows: Uint32Array; readonly weights: Float64Array };

/**
 * A lightweight coreset (Bachem, Lucic and Krause, 2018): half of the chance of a row is the same
 * for all, half grows with its squared distance from the mean, so that a few very large customers
 * are not lost; the weights undo the preference. One draw falls into each of `size` equal strata of
 * the chance, in row order.
 */
export function drawCoreset(matrix: Matrix, size: number, random: Random): Coreset {
  const { rowCount } = matrix;
  const { squares, total } = squaresFrom(matrix, meanOf(matrix));
  const rows = new Uint32Array(size);
  const weights = new Float64Array(size);
  let drawn = 0;
  let passed = 0;
  let threshold = random.float() / size;
  for (let row = 0; row < rowCount && drawn < size; row++) {
    const chance = 0.5 / rowCount + (0.5 * squares[row]!) / total;
    passed += chance;
    while (drawn < size && passed > threshold) {
      rows[drawn] = row;
      weights[drawn] = 1 / (size * chance);
      drawn++;
      threshold = (drawn + random.float()) / size;
    }
  }
  return { rows: rows.subarray(0, drawn), weights: weights.subarray(0, drawn) };
}

/** A coreset of `size` rows from a larger one: one of each run of as many, which then counts for them all. */
export function thinCoreset({ rows, weights }: Coreset, size: number, random: Random): Coreset {
  const kept = Math.min(size, rows.length);
  const thinned = { rows: new Uint32Array(kept), weights: new Float64Array(kept) };
  for (let i = 0; i < kept; i++) {
    const at = Math.floor(((i + random.float()) * rows.length) / kept);
    thinned.rows[i] = rows[at]!;
    thinned.weights[i] = (weights[at]! * rows.length) / kept;
  }
  return thinned;
}

function meanOf({ rowCount, columnCount, values }: Matrix): Float64Array {
  const sums = new Float64Array(columnCount);
  // Column by column within rows that the cache holds, so that a sum stays in a register.
  for (let first = 0; first < rowCount; first += cachedRows) {
    const end = Math.min(rowCount, first + cachedRows) * columnCount;
    for (let column = 0; column < columnCount; column++) {
      let sum = sums[column]!;
      for (let at = first * columnCount + column; at < end; at += columnCount) sum += values[at]!;
      sums[column] = sum;
    }
  }
  return sums.map((sum) => sum / rowCount);
}

/** Squared distance of each row from a point, and their sum; two columns at a time, which is up to twice as fast. */
function squaresFrom(
  { rowCount, columnCount, values }: Matrix,
  point: Float64Array,
): { readonly squares: Float64Array; readonly total: number } {
  const squares = new Float64Array(rowCount);
  let total = 0;
  for (let row = 0, at = 0; row < rowCount; row++, at += columnCount) {
    let square = 0;
    let column = 0;
    for (; column + 1 < columnCount; column += 2) {
      const x = values[at + column]! - point[column]!;
      const y = values[at + column + 1]! - point[column + 1]!;
      square += x * x + y * y;
    }
    if (column < columnCount) {
      const x = values[at + column]! - point[column]!;
      square += x * x;
    }
    squares[row] = square;
    total += square;
  }
  return { squares, total };
}
