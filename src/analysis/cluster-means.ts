import type { Matrix } from './matrix.ts';

export type ClusterMeans = {
  /** Rows per cluster; their weights, where rows have weights. */
  readonly counts: Float64Array;
  /** k×d; NaN for a cluster without rows. */
  readonly means: Float64Array;
};

/** Size and mean of each cluster; `labels` are 0..k-1. */
export function clusterMeans(
  { rowCount, columnCount, values }: Matrix,
  labels: Int32Array,
  k: number,
  weights: Float64Array | null = null,
): ClusterMeans {
  const counts = new Float64Array(k);
  const sums = new Float64Array(k * columnCount);
  for (let row = 0; row < rowCount; row++) {
    const label = labels[row]!;
    const weight = weights === null ? 1 : weights[row]!;
    counts[label]! += weight;
    for (let column = 0; column < columnCount; column++) {
      sums[label * columnCount + column]! += weight * values[row * columnCount + column]!;
    }
  }
  return { counts, means: sums.map((sum, i) => sum / counts[Math.floor(i / columnCount)]!) };
}

/** Squared Euclidean distance from a row to one of `points` (row-major, as wide as the matrix). */
export function squareTo({ columnCount, values }: Matrix, row: number, points: Float64Array, point: number): number {
  let square = 0;
  for (let column = 0; column < columnCount; column++) {
    const difference = values[row * columnCount + column]! - points[point * columnCount + column]!;
    square += difference * difference;
  }
  return square;
}

/** Sum of squared distances of the rows to the means of their clusters. */
export function withinSquares(matrix: Matrix, labels: Int32Array, means: Float64Array): number {
  let within = 0;
  for (let row = 0; row < matrix.rowCount; row++) within += squareTo(matrix, row, means, labels[row]!);
  return within;
}
