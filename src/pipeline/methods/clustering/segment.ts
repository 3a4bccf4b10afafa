import { refitIsDue } from '../../../analysis/decide/refit.ts';
import { requireMeasurable } from '../../../analysis/kmeans/check.ts';
import { fitKmeans } from '../../../analysis/kmeans/fit.ts';
import { nearestCentroids } from '../../../analysis/kmeans/nearest.ts';
import { takeMatrixRows, type Matrix } from '../../../analysis/matrix.ts';
import type { CentroidModel } from '../../../analysis/model.ts';
import { calinskiHarabasz, daviesBouldin } from '../../../analysis/quality.ts';
import { silhouetteEuclidean, silhouetteSq, stratifiedSample } from '../../../analysis/silhouette.ts';
import { formatDay, parseDay } from '../../../frame/day.ts';
import type { ClusteringSegments } from '../../../job/schema.ts';
import type { RunContext } from '../../context.ts';
import type { Featured } from './features.ts';
import { finiteOrNull } from '../../finite.ts';
import { openStepper } from '../../threads/threaded-stepper.ts';

export type ClusterQuality = {
  readonly k: number;
  readonly inertia: number;
  readonly iterations: number;
  readonly converged: boolean;
  /** `cold`: seeded starts; `warm`: from the published centroids; `assigned`: to them, without a fit. */
  readonly start: 'cold' | 'warm' | 'assigned';
  /** This and the following look at clusters that have customers; null with fewer than two of them. */
  readonly silhouette_sq: number | null;
  /** Euclidean, on a stratified sample of at most 2,000 customers. */
  readonly silhouette: number | null;
  readonly calinski_harabasz: number | null;
  readonly davies_bouldin: number | null;
};

export type Segmented = {
  readonly k: number;
  /** Row-major k × features, in the frozen scale. */
  readonly centroids: Float64Array;
  /** Cluster of each customer in the fit. */
  readonly labels: Int32Array;
  readonly fittedOn: string;
  readonly quality: ClusterQuality;
};

/** Clusters the customers in the fit, going on from the published centroids where there are any. */
export async function segment(context: RunContext, { segments, featured, model }: SegmentInput): Promise<Segmented> {
  const { matrix } = featured;
  const published = model && Float64Array.from(model.clusters.flatMap((cluster) => cluster.centroid));
  if (model && published && !refitIsDue(segments.refit, parseDay(model.fittedOn), context.asOf)) {
    requireMeasurable(matrix);
    const k = model.clusters.length;
    const nearest = await nearestCentroids(matrix, published);
    const fit = { ...nearest, centroids: published, iterations: 0, converged: true };
    return describe({ matrix, k, fit, start: 'assigned', fittedOn: model.fittedOn, seed: segments.seed });
  }
  const { stepper, close } = openStepper(matrix, context.threads);
  try {
    const fit = await fitKmeans({
      matrix,
      stepper,
      k: segments.k,
      seed: segments.seed,
      restarts: segments.restarts,
      signal: context.signal,
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      ...(published ? { initialCentroids: published } : {}),
    });
    const start = published ? 'warm' : 'cold';
    return describe({ matrix, k: segments.k, fit, start, fittedOn: formatDay(context.asOf), seed: segments.seed });
  } finally {
    await close();
  }
}

export type SegmentInput = {
  readonly segments: ClusteringSegments;
  readonly featured: Featured;
  readonly model: CentroidModel | undefined;
};

/** The clusters in one line. */
export function noteSegment({ quality }: Segmented): string {
  const how = {
    cold: 'from seeded starts',
    warm: 'from the published centroids',
    assigned: 'to the published centroids',
  }[quality.start];
  return `k-means, k = ${quality.k}, silhouette ${quality.silhouette?.toFixed(2) ?? '–'}, ${how}`;
}

type Fit = {
  readonly centroids: Float64Array;
  readonly labels: Int32Array;
  readonly inertia: number;
  readonly iterations: number;
  readonly converged: boolean;
};
type Described = Pick<Segmented, 'k' | 'fittedOn'> & {
  readonly matrix: Matrix;
  readonly fit: Fit;
  readonly start: ClusterQuality['start'];
  readonly seed: number;
};

function describe({ matrix, k, fit, start, fittedOn, seed }: Described): Segmented {
  const { labels, centroids, inertia, iterations, converged } = fit;
  const quality = { k, inertia, iterations, converged, start, ...separationOf(matrix, labels, seed) };
  return { k, centroids, labels, fittedOn, quality };
}

type Separation = Pick<ClusterQuality, 'silhouette_sq' | 'silhouette' | 'calinski_harabasz' | 'davies_bouldin'>;

function separationOf(matrix: Matrix, labels: Int32Array, seed: number): Separation {
  const filled = [...new Set(labels)].sort((a, b) => a - b);
  const k = filled.length;
  if (k < 2) return { silhouette_sq: null, silhouette: null, calinski_harabasz: null, davies_bouldin: null };
  const numberOf = new Map(filled.map((cluster, i) => [cluster, i]));
  const compact = labels.map((cluster) => numberOf.get(cluster)!);
  const sample = stratifiedSample(compact, k, { size: 2000, seed });
  return {
    silhouette_sq: finiteOrNull(silhouetteSq(matrix, compact, k).mean),
    silhouette: finiteOrNull(silhouetteEuclidean(takeMatrixRows(matrix, sample), pick(compact, sample), k).mean),
    calinski_harabasz: finiteOrNull(calinskiHarabasz(matrix, compact, k)),
    davies_bouldin: finiteOrNull(daviesBouldin(matrix, compact, k)),
  };
}

function pick(labels: Int32Array, rows: Uint32Array): Int32Array {
  return Int32Array.from(rows, (row) => labels[row]!);
}
