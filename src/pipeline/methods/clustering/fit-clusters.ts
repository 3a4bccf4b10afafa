import { cutWard, fitWard } from '../../../analysis/hierarchical/fit.ts';
import { fitKmeans } from '../../../analysis/kmeans/fit.ts';
import { nearestCentroids } from '../../../analysis/kmeans/nearest.ts';
import type { LloydStepper } from '../../../analysis/kmeans/stepper.ts';
import type { Matrix } from '../../../analysis/matrix.ts';
import type { ClusteringSegments } from '../../../job/schema.ts';
import type { RunContext } from '../../context.ts';
import { openStepper } from '../../threads/threaded-stepper.ts';

/** Clusters of the customers in the fit, however they were found. */
export type ClusterFit = {
  readonly k: number;
  /** Row-major k × features, in the frozen scale. */
  readonly centroids: Float64Array;
  readonly labels: Int32Array;
  readonly inertia: number;
  readonly iterations: number;
  readonly converged: boolean;
  readonly start: 'cold' | 'warm' | 'assigned';
};

type Fitting = {
  readonly segments: ClusteringSegments;
  readonly matrix: Matrix;
  readonly k: number;
  /** The published centroids, from which k-means goes on; a tree knows no yesterday. */
  readonly published: Float64Array | undefined;
};

/** Finds the clusters by the job's method, over the run's threads. */
export async function fitClusters(context: RunContext, fitting: Fitting): Promise<ClusterFit> {
  const { stepper, close } = openStepper(fitting.matrix, context.threads);
  try {
    switch (fitting.segments.method) {
      case 'kmeans':
        return await byKmeans(context, stepper, { ...fitting, restarts: fitting.segments.restarts });
      case 'hierarchical':
        return await byWard(context, stepper, fitting);
    }
  } finally {
    await close();
  }
}

async function byKmeans(
  { signal }: RunContext,
  stepper: LloydStepper,
  { segments, matrix, k, published, restarts }: Fitting & { readonly restarts: number },
): Promise<ClusterFit> {
  const fit = await fitKmeans({
    matrix,
    stepper,
    k,
    seed: segments.seed,
    restarts,
    signal,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    ...(published ? { initialCentroids: published } : {}),
  });
  return { ...fit, k, start: published ? 'warm' : 'cold' };
}

async function byWard(
  { signal }: RunContext,
  stepper: LloydStepper,
  { segments, matrix, k }: Fitting,
): Promise<ClusterFit> {
  const tree = await fitWard({ matrix, stepper, seed: segments.seed, mostClusters: k, signal });
  const cut = { ...cutWard(matrix, tree, k), k, iterations: 0, converged: true, start: 'cold' as const };
  // Where later nights assign to the centroids, so does this one: the same customers keep the same tags.
  return segments.refit === 'nightly' ? cut : { ...cut, ...(await nearestCentroids(matrix, cut.centroids, stepper)) };
}
