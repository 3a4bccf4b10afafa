import { expect } from 'vitest';
import { fitKmeans } from '../../src/analysis/kmeans/fit.ts';
import type { Matrix, NumericColumn } from '../../src/analysis/matrix.ts';
import { meanAndSd } from '../../src/analysis/quantile.ts';
import { calinskiHarabasz, daviesBouldin } from '../../src/analysis/quality.ts';
import { fitScales, scaleMatrix } from '../../src/analysis/scaling.ts';
import { silhouetteEuclidean } from '../../src/analysis/silhouette.ts';

/** Equal to a number that was published in full, up to the order in which floats were added. */
export function near(value: unknown): unknown {
  const number = Number(value);
  return expect.closeTo(number, number === 0 ? 12 : 9 - Math.floor(Math.log10(Math.abs(number))));
}

/** Equal to a sum that was published in cents. */
export function cents(value: unknown): unknown {
  return expect.closeTo(Number(value), 2);
}

/** As pandas and R describe a column. */
export function meanAndSampleSd(values: Float64Array): { mean: number; sd: number } {
  const { mean, sd } = meanAndSd(values);
  return { mean, sd: sd * Math.sqrt(values.length / (values.length - 1)) };
}

/** The plain z-scores of all columns. */
export function zscores(columns: readonly NumericColumn[], transform: 'none' | 'log1p' = 'none'): Matrix {
  const feature = { transform, scale: 'zscore', weight: 1 } as const;
  return scaleMatrix(columns, fitScales(columns, Object.fromEntries(columns.map(({ name }) => [name, feature]))));
}

/** Indices of a clustering, as the expected results name them. */
export type Quality = Record<'silhouette' | 'davies_bouldin' | 'calinski_harabasz', number>;

/** What scikit-learn found: the features of its centroids by name. */
export type Clustering = Quality & {
  readonly inertia: number;
  readonly sizes_desc: readonly number[];
  readonly centroids: readonly Readonly<Record<string, number>>[];
};

/** Expects k-means to stay where scikit-learn ended, with its inertia, sizes and indices. */
export async function expectSettled(matrix: Matrix, features: readonly string[], expected: Clustering): Promise<void> {
  const { inertia, sizes_desc: sizes, centroids, ...indices } = expected;
  const k = centroids.length;
  const initialCentroids = Float64Array.from(centroids.flatMap((centroid) => features.map((name) => centroid[name]!)));
  const settled = await fitKmeans({ matrix, k, seed: 1, restarts: 1, initialCentroids });
  expect(settled.inertia, `k = ${k}`).toEqual(near(inertia));
  expect(settled.sizes.toSorted((a, b) => b - a)).toEqual(sizes);
  expectQuality(matrix, settled.labels, k, indices);
}

/** Expects the three indices of these clusters. */
export function expectQuality(matrix: Matrix, labels: Int32Array, k: number, expected: Quality): void {
  const found: Quality = {
    silhouette: silhouetteEuclidean(matrix, labels, k).mean,
    davies_bouldin: daviesBouldin(matrix, labels, k),
    calinski_harabasz: calinskiHarabasz(matrix, labels, k),
  };
  expect(found, `k = ${k}`).toEqual({
    silhouette: near(expected.silhouette),
    davies_bouldin: near(expected.davies_bouldin),
    calinski_harabasz: near(expected.calinski_harabasz),
  });
}

/** How often each value occurs. */
export function countsOf(values: Iterable<string | number>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
