import { clusterMeans, squareTo } from './cluster-means.ts';
import { calinskiHarabaszOf, daviesBouldinOf, pointsOf } from './cluster-moments.ts';
import type { Matrix } from './matrix.ts';

/** How well clusters lie apart, of all their rows. */
export type Separation = {
  /** The mean of `silhouetteSq`. */
  readonly silhouetteSq: number;
  readonly calinskiHarabasz: number;
  readonly daviesBouldin: number;
  /** Share of the smallest cluster, 0..1. */
  readonly smallestShare: number;
};

/**
 * The figures of `silhouetteSq`, `calinskiHarabasz` and `daviesBouldin` at once, for less than the time of one of them:
 * the mean squared distance of a row to a cluster's rows is that to their mean and the variance about it. `labels` are
 * 0..k-1, no cluster empty; the silhouette is NaN when k < 2.
 */
export function separationOf(matrix: Matrix, labels: Int32Array, k: number): Separation {
  const { counts, means } = clusterMeans(matrix, labels, k);
  const within = new Float64Array(k);
  const spreads = new Float64Array(k);
  for (let row = 0; row < matrix.rowCount; row++) {
    const label = labels[row]!;
    const square = squareTo(matrix, row, means, label);
    within[label]! += square;
    spreads[label]! += Math.sqrt(square);
  }
  const points = pointsOf(means, k);
  return {
    silhouetteSq: meanSilhouette(matrix, labels, { counts, means, within }),
    calinskiHarabasz: calinskiHarabaszOf({ counts: [...counts], means: points, within: [...within] }),
    daviesBouldin: daviesBouldinOf(
      points,
      Array.from(spreads, (spread, cluster) => spread / counts[cluster]!),
    ),
    smallestShare: Math.min(...counts) / matrix.rowCount,
  };
}

type Moments = { readonly counts: Float64Array; readonly means: Float64Array; readonly within: Float64Array };

function meanSilhouette(
  { rowCount, columnCount, values }: Matrix,
  labels: Int32Array,
  { counts, means, within }: Moments,
): number {
  const k = counts.length;
  if (k < 2) return NaN;
  const variances = within.map((square, cluster) => square / counts[cluster]!);
  let total = 0;
  for (let row = 0; row < rowCount; row++) {
    const own = labels[row]!;
    const count = counts[own]!;
    if (count < 2) continue;
    let inside = 0;
    let outside = Infinity;
    for (let cluster = 0; cluster < k; cluster++) {
      let square = variances[cluster]!;
      for (let column = 0; column < columnCount; column++) {
        const difference = values[row * columnCount + column]! - means[cluster * columnCount + column]!;
        square += difference * difference;
      }
      if (cluster === own) inside = (square * count) / (count - 1);
      else if (square < outside) outside = square;
    }
    const larger = Math.max(inside, outside);
    if (larger > 0) total += (outside - inside) / larger;
  }
  return total / rowCount;
}
