import { SegtagError } from '../../errors.ts';
import type { Matrix } from '../matrix.ts';

/** Squares beyond these bounds overflow or lose their digits. */
const largestSquare = 1e290;
const smallestSquare = 1e-280;

/**
 * Refuses what cannot be split into k clusters, with E_DEGENERATE_FIT: no rows, fewer different rows
 * than k, NaN or infinite values, or values so large that squared distances overflow. Returns k rows
 * that all differ.
 */
export function requireSplittable(matrix: Matrix, k: number): Uint32Array {
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`k must be a positive integer, not ${k}`);
  requireMeasurable(matrix);
  return requireDifferent(matrix, k);
}

/** The same, of values that can be measured. */
export function requireDifferent(matrix: Matrix, k: number): Uint32Array {
  const { rowCount } = matrix;
  if (rowCount < k) {
    const customers = rowCount === 1 ? '1 customer' : `${rowCount} customers`;
    throw refuse(`There are ${customers} to fit on, fewer than the ${k} clusters asked for.`, fewerClusters);
  }
  const rows = differentRows(matrix, k);
  if (rows.length < k) {
    const kinds =
      rows.length === 1
        ? 'All customers have the same features'
        : `The customers have only ${rows.length} different sets of features`;
    throw refuse(`${kinds}, fewer than the ${k} clusters asked for.`, fewerClusters);
  }
  return rows;
}

/** Refuses, with E_DEGENERATE_FIT, values that are NaN or infinite, or so large that squared distances overflow. */
export function requireMeasurable({ values }: Matrix): void {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (size <= largest) continue;
    if (!Number.isFinite(size)) {
      throw refuse('A scaled feature is NaN or infinite.', 'Check the features in customers.sql for extreme values.');
    }
    largest = size;
  }
  if (largest ** 2 * 4 * values.length > largestSquare) {
    throw refuse(
      'The scaled features are too large to measure distances.',
      'Scale the features, or check their units.',
    );
  }
}

const fewerClusters =
  'Lower segments.k, add a feature that tells the customers apart, or check the filters in customers.sql.';

/** The first rows that differ from all earlier ones, at most `limit`. */
function differentRows({ rowCount, columnCount, values }: Matrix, limit: number): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < rowCount && rows.length < limit; row++) {
    const differs = rows.every((other) => {
      let square = 0;
      for (let column = 0; column < columnCount; column++) {
        square += (values[row * columnCount + column]! - values[other * columnCount + column]!) ** 2;
      }
      return square > smallestSquare;
    });
    if (differs) rows.push(row);
  }
  return Uint32Array.from(rows);
}

/** The refusal of a fit. */
export function refuse(what: string, remedy: string): SegtagError {
  return new SegtagError('E_DEGENERATE_FIT', { where: 'segments', what, remedy });
}
