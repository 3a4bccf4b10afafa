import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calinskiHarabasz, daviesBouldin } from '../../src/analysis/quality.ts';
import { silhouetteEuclidean, silhouetteSq, stratifiedSample } from '../../src/analysis/silhouette.ts';
import { dataIsThere, matrixOf, readJson } from './golden.ts';

type Small = {
  X: number[][];
  labels: number[];
  silhouette_euclid: number;
  silhouette_samples: number[];
  silhouette_sqeuclid: number;
  calinski_harabasz: number;
  davies_bouldin: number;
};

describe('silhouettes', () => {
  it('can be worked out by hand: two pairs of points on a line', () => {
    // 0 1 | 4 5: distances inside 1, outside (4+5)/2 and (3+4)/2; squared 1 and (16+25)/2 and (9+16)/2
    const matrix = matrixOf([[0], [1], [4], [5]]);
    const labels = Int32Array.of(0, 0, 1, 1);
    expect(silhouetteEuclidean(matrix, labels, 2).mean).toBeCloseTo((3.5 / 4.5 + 2.5 / 3.5) / 2, 12);
    expect(silhouetteSq(matrix, labels, 2).mean).toBeCloseTo((19.5 / 20.5 + 11.5 / 12.5) / 2, 12);
  });

  it.skipIf(!dataIsThere)('agree with scikit-learn, and so do the other indices', () => {
    const golden = readJson<{ kmeans_small: Small }>('golden/analysis.json').kmeans_small;
    const matrix = matrixOf(golden.X);
    const labels = Int32Array.from(golden.labels);
    const euclidean = silhouetteEuclidean(matrix, labels, 3);
    expect(euclidean.mean).toBeCloseTo(golden.silhouette_euclid, 12);
    const ofCluster1 = golden.silhouette_samples.filter((_, row) => labels[row] === 1);
    expect(euclidean.perCluster[1]).toBeCloseTo(ofCluster1.reduce((sum, s) => sum + s, 0) / ofCluster1.length, 12);
    expect(silhouetteSq(matrix, labels, 3).mean).toBeCloseTo(golden.silhouette_sqeuclid, 12);
    expect(calinskiHarabasz(matrix, labels, 3)).toBeCloseTo(golden.calinski_harabasz, 10);
    expect(daviesBouldin(matrix, labels, 3)).toBeCloseTo(golden.davies_bouldin, 12);
  });

  it('in linear time equals the definition with squared distances, wherever the points lie', () => {
    const points = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), {
      minLength: 4,
      maxLength: 30,
    });
    fc.assert(
      fc.property(points, fc.constantFrom(0, 1e6), fc.infiniteStream(fc.nat(2)), (rows, offset, stream) => {
        const labels = Int32Array.from(rows, (_, i) => (i < 3 ? i : (stream.next().value as number)));
        const matrix = matrixOf(rows.map(([x, y]) => [x + offset, y]));
        expect(silhouetteSq(matrix, labels, 3).mean).toBeCloseTo(naiveSquared(rows, labels), 6);
      }),
    );
  });

  it('count a row that is alone as 0 and have no value for a single cluster', () => {
    const matrix = matrixOf([[0], [1], [9]]);
    expect(silhouetteSq(matrix, Int32Array.of(0, 0, 1), 2).perCluster[1]).toBe(0);
    expect(silhouetteEuclidean(matrix, Int32Array.of(0, 0, 1), 2).perCluster[1]).toBe(0);
    expect(silhouetteSq(matrix, Int32Array.of(0, 0, 0), 1).mean).toBeNaN();
  });

  it('are 0 where all points coincide', () => {
    const matrix = matrixOf([[3], [3], [3], [3]]);
    expect(silhouetteSq(matrix, Int32Array.of(0, 0, 1, 1), 2).mean).toBe(0);
    expect(daviesBouldin(matrix, Int32Array.of(0, 0, 1, 1), 2)).toBe(0);
    expect(calinskiHarabasz(matrix, Int32Array.of(0, 0, 1, 1), 2)).toBe(1);
  });
});

describe('a stratified sample', () => {
  const labels = Int32Array.from({ length: 10_000 }, (_, row) => (row % 1000 === 0 ? 1 : 0));

  it('keeps the shares, sees small clusters, and is the same for the same seed', () => {
    const rows = stratifiedSample(labels, 2, { size: 2000, seed: 5 });
    expect(rows).toEqual(stratifiedSample(labels, 2, { size: 2000, seed: 5 }));
    expect(rows).not.toEqual(stratifiedSample(labels, 2, { size: 2000, seed: 6 }));
    expect(rows).toEqual(rows.slice().sort());
    expect(new Set(rows).size).toBe(rows.length);
    const rare = rows.filter((row) => labels[row] === 1).length;
    expect([rare, rows.length - rare]).toEqual([2, 1998]);
  });

  it('is every row when there are few', () => {
    expect(stratifiedSample(labels.slice(0, 5), 2, { size: 10, seed: 1 })).toEqual(Uint32Array.of(0, 1, 2, 3, 4));
  });
});

function naiveSquared(rows: readonly (readonly number[])[], labels: Int32Array): number {
  const scores = rows.map((row, i) => {
    const meanTo = (cluster: number): number => {
      const others = rows.filter((_, j) => labels[j] === cluster && j !== i);
      return others.reduce((sum, other) => sum + square(row, other), 0) / others.length;
    };
    const own = labels[i]!;
    if (labels.filter((label) => label === own).length === 1) return 0;
    const outside = Math.min(...[0, 1, 2].filter((c) => c !== own && labels.includes(c)).map(meanTo));
    const larger = Math.max(meanTo(own), outside);
    return larger === 0 ? 0 : (outside - meanTo(own)) / larger;
  });
  return scores.reduce((sum, score) => sum + score, 0) / rows.length;
}

function square(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
}
