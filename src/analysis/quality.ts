import { clusterMeans, squareTo } from './cluster-means.ts';
import { calinskiHarabaszOf, daviesBouldinOf, pointsOf } from './cluster-moments.ts';
import type { Matrix } from './matrix.ts';

/**
 * Caliński and Harabasz (1974): `(B / (k - 1)) / (W / (n - k))` with B and W the sums of squares
 * between and within clusters; higher is better. 1 when W is 0, as in scikit-learn; NaN when k < 2 or
 * n <= k. `labels` are 0..k-1, no cluster empty.
 */
export function calinskiHarabasz(matrix: Matrix, labels: Int32Array, k: number): number {
  const { counts, means } = clusterMeans(matrix, labels, k);
  const within = Array.from({ length: k }, () => 0);
  for (let row = 0; row < matrix.rowCount; row++) within[labels[row]!]! += squareTo(matrix, row, means, labels[row]!);
  return calinskiHarabaszOf({ counts: [...counts], means: pointsOf(means, k), within });
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
  return daviesBouldinOf(pointsOf(means, k), [...spreads]);
}
