import { expect } from 'vitest';
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

/** The three indices that the originals print of a clustering, under their names in the expected results. */
export function qualityOf(matrix: Matrix, labels: Int32Array, k: number) {
  return {
    silhouette: silhouetteEuclidean(matrix, labels, k).mean,
    davies_bouldin: daviesBouldin(matrix, labels, k),
    calinski_harabasz: calinskiHarabasz(matrix, labels, k),
  };
}
