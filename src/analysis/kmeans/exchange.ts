import { clusterMeans, squareTo } from '../cluster-means.ts';
import type { Matrix } from '../matrix.ts';
import type { Refine } from './candidate.ts';
import { nearestCentroids } from './nearest.ts';
import type { LloydStepper } from './stepper.ts';

/** A pass looks at every row once. */
const mostPasses = 20;
/** Gains below this share of a distance may be rounding, and could go on for ever. */
const rounding = 1e-9;

/**
 * Betters a split by moving single rows (Hartigan and Wong, 1979): a row goes to another cluster where
 * that lowers the inertia, with both centroids moving at once. It leaves optima where Lloyd's iteration
 * stands still, since that never weighs how a row draws its own centroid along. Rows are taken in
 * order and count once each, or by `weights`; `labels` (0..k-1) change in place, and the means are returned (k×d); a
 * cluster without rows is taken to lie at its entry of `centroids` until a row comes to it.
 * Time: rows × k per pass, at most 20 passes.
 */
export function exchangeRows(
  matrix: Matrix,
  labels: Int32Array,
  centroids: Float64Array,
  weights: Float64Array | null = null,
): Float64Array {
  const { rowCount, columnCount, values } = matrix;
  const k = centroids.length / columnCount;
  const { counts, means } = clusterMeans(matrix, labels, k, weights);
  for (let i = 0; i < means.length; i++) if (Number.isNaN(means[i])) means[i] = centroids[i]!;
  for (let pass = 0, moved = true; moved && pass < mostPasses; pass++) {
    moved = false;
    for (let row = 0; row < rowCount; row++) {
      const from = labels[row]!;
      const weight = weights === null ? 1 : weights[row]!;
      if (counts[from]! <= weight) continue;
      const lost = (counts[from]! / (counts[from]! - weight)) * squareTo(matrix, row, means, from);
      let least = lost * (1 - rounding);
      let to = from;
      for (let cluster = 0; cluster < k; cluster++) {
        if (cluster === from) continue;
        const gained = (counts[cluster]! / (counts[cluster]! + weight)) * squareTo(matrix, row, means, cluster);
        if (gained < least) {
          least = gained;
          to = cluster;
        }
      }
      if (to === from) continue;
      moved = true;
      labels[row] = to;
      counts[from]! -= weight;
      counts[to]! += weight;
      for (let column = 0; column < columnCount; column++) {
        const value = values[row * columnCount + column]!;
        means[from * columnCount + column]! -= (weight * (value - means[from * columnCount + column]!)) / counts[from]!;
        means[to * columnCount + column]! += (weight * (value - means[to * columnCount + column]!)) / counts[to]!;
      }
    }
  }
  return means;
}

/** Refines on the stepper's rows what an exchange of them has bettered. */
export function refinerAfterExchange(stepper: LloydStepper, refine: Refine): Refine {
  return async (start, iterations) => {
    const { labels } = await nearestCentroids(stepper.matrix, start, stepper);
    return refine(exchangeRows(stepper.matrix, labels, start, stepper.weights), iterations);
  };
}
