import { clusterMeans, squareTo, withinSquares } from './cluster-means.ts';
import type { Matrix } from './matrix.ts';

/**
 * Caliński and Harabasz (1974): `(B / (k - 1)) / (W / (n - k))` with B and W the sums of squares
 * between and within clusters; higher is better. 1 when W is 0, as in scikit-learn; NaN when k < 2 or
 * n <= k. `labels` are 0..k-1, no cluster empty.
 */
export function calinskiHarabasz(matrix: Matrix, labels: Int32Array, k: number): number {
  const { rowCount, columnCount } = matrix;
  if (k < 2 || rowCount <= k) return NaN;
  const { counts, means } = clusterMeans(matrix, labels, k);
  const overall = clusterMeans(matrix, new Int32Array(rowCount), 1).means;
  let between = 0;
  for (let i = 0; i < means.length; i++) {
    between += counts[Math.floor(i / columnCount)]! * (means[i]! - overall[i % columnCount]!) ** 2;
  }
  const within = withinSquares(matrix, labels, means);
  return within === 0 ? 1 : between / (k - 1) / (within / (rowCount - k));
}

/**
 * Davies and Bouldin (1979): the mean over clusters of the worst `(s_i + s_j) / d_ij`, with s the mean
 * distance of members to their centroid and d the distance between centroids; lower is better. 0 when
 * all s or all d are 0; a pair of coinciding centroids is passed over, as in scikit-learn.
 * `labels` are 0..k-1, no cluster empty.
 */
export function daviesBouldin(matrix: Matrix, labels: Int32Array, k: number): number {
  const { counts, means } = clusterMeans(matrix, labels, k);
  const spreads = new Float64Array(k);
  for (let row = 0; row < matrix.rowCount; row++) {
    spreads[labels[row]!]! += Math.sqrt(squareTo(matrix, row, means, labels[row]!)) / counts[labels[row]!]!;
  }
  const centroids: Matrix = { rowCount: k, columnCount: matrix.columnCount, values: means };
  let total = 0;
  for (let i = 0; i < k; i++) {
    let worst = 0;
    for (let j = 0; j < k; j++) {
      const distance = i === j ? 0 : Math.sqrt(squareTo(centroids, i, means, j));
      if (distance > 0) worst = Math.max(worst, (spreads[i]! + spreads[j]!) / distance);
    }
    total += worst;
  }
  return total / k;
}
