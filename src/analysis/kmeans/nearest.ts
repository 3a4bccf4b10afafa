import type { Matrix } from '../matrix.ts';
import { inlineStepper, type LloydStepper } from './stepper.ts';

/** Each row's nearest centroid, the rows per cluster and the sum of squared distances. */
export type Assignment = { readonly labels: Int32Array; readonly sizes: number[]; readonly inertia: number };

/**
 * Puts each row to its nearest centroid (k×d, in the matrix's scale; Euclidean; ties: the lowest
 * index). A row with NaN goes to cluster 0, so check the features first. Runs over `stepper`'s
 * threads, or in this one.
 */
export async function nearestCentroids(
  matrix: Matrix,
  centroids: Float64Array,
  stepper: LloydStepper = inlineStepper(matrix),
): Promise<Assignment> {
  const k = centroids.length / matrix.columnCount;
  const { counts, inertia } = await stepper.step({ k, centroids, travel: new Float64Array(k), fresh: true });
  return { labels: stepper.labels.slice(), sizes: [...counts], inertia };
}
