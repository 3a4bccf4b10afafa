import type { Matrix } from '../matrix.ts';
import type { Random } from '../random.ts';

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
  const mean = meanOf(matrix);
  const squares = squaresFrom(matrix, mean);
  let total = 0;
  for (const square of squares) total += square;
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
  const at = Uint32Array.from({ length: kept }, (_, i) => Math.floor(((i + random.float()) * rows.length) / kept));
  return { rows: at.map((i) => rows[i]!), weights: Float64Array.from(at, (i) => (weights[i]! * rows.length) / kept) };
}

function meanOf({ rowCount, columnCount, values }: Matrix): Float64Array {
  const sums = new Float64Array(columnCount);
  for (let row = 0; row < rowCount; row++) {
    for (let column = 0; column < columnCount; column++) sums[column]! += values[row * columnCount + column]!;
  }
  return sums.map((sum) => sum / rowCount);
}

/** Squared distance of each row from a point; two columns at a time, which is up to twice as fast from five columns on. */
function squaresFrom({ rowCount, columnCount, values }: Matrix, point: Float64Array): Float64Array {
  const squares = new Float64Array(rowCount);
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
  }
  return squares;
}
