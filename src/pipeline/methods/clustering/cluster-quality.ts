import { takeMatrixRows, type Matrix } from '../../../analysis/matrix.ts';
import { calinskiHarabasz, daviesBouldin } from '../../../analysis/quality.ts';
import { silhouetteEuclidean, silhouetteSq, stratifiedSample } from '../../../analysis/silhouette.ts';
import { codesOf } from '../../../frame/rows.ts';
import { finiteOrNull } from '../../finite.ts';
import type { ClusterFit } from './fit-clusters.ts';

export type ClusterQuality = {
  readonly k: number;
  readonly inertia: number;
  readonly iterations: number;
  readonly converged: boolean;
  /** `cold`: from the customers alone; `warm`: from the published centroids; `assigned`: to them, without a fit. */
  readonly start: 'cold' | 'warm' | 'assigned';
  /** This and the following look at clusters that have customers; null with fewer than two of them. */
  readonly silhouette_sq: number | null;
  /** Euclidean, on a stratified sample of at most 2,000 customers. */
  readonly silhouette: number | null;
  readonly calinski_harabasz: number | null;
  readonly davies_bouldin: number | null;
};

/** How well the clusters of a fit lie apart. */
export function clusterQuality(matrix: Matrix, fit: ClusterFit, seed: number): ClusterQuality {
  const { k, inertia, iterations, converged, start } = fit;
  return { k, inertia, iterations, converged, start, ...separationOf(matrix, fit.labels, seed) };
}

/** The first of its figures alone: what a model keeps of them. */
export function squaredSilhouette(matrix: Matrix, labels: Int32Array): number | null {
  const { k, labels: compact } = withoutEmpty(labels);
  return k < 2 ? null : finiteOrNull(silhouetteSq(matrix, compact, k).mean);
}

type Separation = Pick<ClusterQuality, 'silhouette_sq' | 'silhouette' | 'calinski_harabasz' | 'davies_bouldin'>;

function separationOf(matrix: Matrix, labels: Int32Array, seed: number): Separation {
  const { k, labels: compact } = withoutEmpty(labels);
  if (k < 2) return { silhouette_sq: null, silhouette: null, calinski_harabasz: null, davies_bouldin: null };
  return {
    silhouette_sq: finiteOrNull(silhouetteSq(matrix, compact, k).mean),
    silhouette: sampledSilhouette(compact, seed, (rows) => takeMatrixRows(matrix, rows)),
    calinski_harabasz: finiteOrNull(calinskiHarabasz(matrix, compact, k)),
    davies_bouldin: finiteOrNull(daviesBouldin(matrix, compact, k)),
  };
}

/** The Euclidean silhouette of a stratified sample of customers, whose features `matrixOf` gives; null with fewer than two clusters. */
export function sampledSilhouette(
  labels: Int32Array,
  seed: number,
  matrixOf: (rows: Uint32Array) => Matrix,
): number | null {
  const { k, labels: compact } = withoutEmpty(labels);
  const sample = stratifiedSample(compact, k, { size: 2000, seed });
  const sampled = codesOf(compact, sample);
  return finiteOrNull(silhouetteEuclidean(matrixOf(sample), sampled, k).mean);
}

/** The same clusters numbered in their order without those that nobody is in; the labels themselves where there are none. */
function withoutEmpty(labels: Int32Array): { readonly k: number; readonly labels: Int32Array } {
  const sizes: number[] = [];
  for (let row = 0; row < labels.length; row++) sizes[labels[row]!] = (sizes[labels[row]!] ?? 0) + 1;
  const filled = Object.keys(sizes).map(Number);
  if (filled.length === sizes.length) return { k: sizes.length, labels };
  const numberOf = new Map(filled.map((cluster, i) => [cluster, i]));
  return { k: filled.length, labels: labels.map((cluster) => numberOf.get(cluster)!) };
}
