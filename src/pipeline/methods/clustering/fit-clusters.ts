import { cutWard, fitWard } from '../../../analysis/hierarchical/fit.ts';
import { compareFits } from '../../../analysis/kmeans/compare-fits.ts';
import { fitKmeans } from '../../../analysis/kmeans/fit.ts';
import { nearestCentroids } from '../../../analysis/kmeans/nearest.ts';
import type { LloydStepper } from '../../../analysis/kmeans/stepper.ts';
import type { Matrix } from '../../../analysis/matrix.ts';
import type { ClusteringSegments } from '../../../job/schema.ts';
import type { ReadContext } from '../../context.ts';
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
  /** The largest k that will be asked for. */
  readonly mostClusters: number;
  /** True where only the figures of the fits are compared. */
  readonly comparing?: boolean;
};

/** Clusters the customers in the fit; k-means goes on from `published` centroids, a tree knows no yesterday. */
export type Fitter = (k: number, published?: Float64Array) => Promise<ClusterFit>;

/** Lets `use` find clusters by the job's method, over the run's threads. */
export async function withFitter<Result>(
  context: ReadContext,
  fitting: Fitting,
  use: (fit: Fitter) => Promise<Result>,
): Promise<Result> {
  const { stepper, close } = openStepper(fitting.matrix, context.threads);
  try {
    return await use(await fitterOf(context, fitting, stepper));
  } finally {
    await close();
  }
}

async function fitterOf({ signal }: ReadContext, fitting: Fitting, stepper: LloydStepper): Promise<Fitter> {
  const { segments, matrix, mostClusters, comparing } = fitting;
  const { seed } = segments;
  switch (segments.method) {
    case 'kmeans': {
      const options = { matrix, stepper, seed, restarts: segments.restarts, signal, pause: turn };
      if (comparing) {
        const fit = compareFits(options);
        return async (k) => ({ ...(await fit(k)), k, start: 'cold' });
      }
      return async (k, published) => {
        const initial = published ? { initialCentroids: published } : {};
        const fit = await fitKmeans({ ...options, k, ...initial });
        return { ...fit, k, start: published ? 'warm' : 'cold' };
      };
    }
    case 'hierarchical': {
      const tree = await fitWard({ matrix, stepper, seed, mostClusters, signal });
      return async (k) => {
        const cut = { ...cutWard(matrix, tree, k), k, iterations: 0, converged: true, start: 'cold' as const };
        if (segments.refit === 'nightly') return cut;
        // Later nights assign to the centroids, and so does this one: the same customers keep the same tags.
        return { ...cut, ...(await nearestCentroids(matrix, cut.centroids, stepper)) };
      };
    }
  }
}

/** Lets the event loop turn once, so that an abort is seen. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
