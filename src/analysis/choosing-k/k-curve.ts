import { takeMatrixRows, type Matrix } from '../matrix.ts';
import { sampleRows, seededRandom } from '../random.ts';
import { silhouettesEuclidean } from '../silhouette.ts';
import type { SampleClusterer } from './cluster-sample.ts';
import { distinctRows } from './distinct-rows.ts';

/** How well so many clusters fit a sample. */
export type KPoint = { readonly k: number; readonly inertia: number; readonly silhouette: number };

const largestSample = 1_000;

type CurveInput = {
  readonly matrix: Matrix;
  /** Ascending, from 2. */
  readonly ks: readonly number[];
  readonly seed: number;
  readonly clusterSample: SampleClusterer;
};

/**
 * The elbow and the silhouette (Euclidean) over the number of clusters, on at most 1,000 rows: a picture of what `tune`
 * weighs on all of them, quick enough for every night. A k above the number of different rows is left out. Seeded.
 */
export async function curveOfK({ matrix, ks, seed, clusterSample }: CurveInput): Promise<KPoint[]> {
  const random = seededRandom(seed);
  const rows = sampleRows(matrix.rowCount, Math.min(largestSample, matrix.rowCount), random);
  const sample = takeMatrixRows(matrix, rows);
  const most = distinctRows(sample, Math.max(...ks));
  const tried = ks.filter((k) => k <= most);
  const clusterings = await clusterSample(sample, tried, random);
  const silhouettes = silhouettesEuclidean(sample, clusterings);
  return clusterings
    .map(({ k, inertia }, i) => ({ k, inertia, silhouette: silhouettes[i]!.mean }))
    .filter(({ silhouette }) => Number.isFinite(silhouette));
}
