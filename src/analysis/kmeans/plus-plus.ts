import type { Matrix } from '../matrix.ts';
import type { Random } from '../random.ts';
import { squareBetween } from './find-nearest.ts';

/**
 * Greedy k-means++ (Arthur and Vassilvitskii, 2007) for rows that count by weight, which ml-kmeans
 * can't do: k of the rows, each drawn with a chance that grows with its weight and its squared
 * distance from those before, so that the first of them are a start for fewer clusters. The rows must
 * hold k different ones, or centroids repeat. Of `trials` draws per centroid the one that lowers the
 * inertia most is taken.
 */
export function weightedStart(
  { matrix, weights }: { readonly matrix: Matrix; readonly weights: Float64Array },
  { k, trials = 8 }: { readonly k: number; readonly trials?: number },
  random: Random,
): Float64Array {
  const { rowCount, columnCount, values } = matrix;
  const cumulated = new Float64Array(rowCount);
  let distances = new Float64Array(rowCount).fill(Infinity);
  let [taken, tried] = [new Float64Array(rowCount), new Float64Array(rowCount)];
  const centroids = new Float64Array(k * columnCount);
  for (let cluster = 0; cluster < k; cluster++) {
    let total = 0;
    for (let row = 0; row < rowCount; row++) {
      cumulated[row] = total += cluster === 0 ? weights[row]! : weights[row]! * distances[row]!;
    }
    let best = { row: 0, inertia: Infinity };
    for (let attempt = 0; attempt < (cluster === 0 ? 1 : trials); attempt++) {
      const row = firstAbove(cumulated, random.float() * total);
      const inertia = addCentroid({ matrix, weights, distances }, row, { most: best.inertia, into: tried });
      if (inertia >= best.inertia) continue;
      best = { row, inertia };
      [taken, tried] = [tried, taken];
    }
    [distances, taken] = [taken, distances];
    centroids.set(values.subarray(best.row * columnCount, (best.row + 1) * columnCount), cluster * columnCount);
  }
  return centroids;
}

type Covered = {
  readonly matrix: Matrix;
  readonly weights: Float64Array;
  /** Squared distance of each row to the nearest centroid so far. */
  readonly distances: Float64Array;
};

/** Rows after which a sum that is already too large is given up. */
const lookRows = 512;

/**
 * Puts the squared distances with one more centroid, at the row `added`, into an array and returns
 * their weighted sum, or some number above `most` as soon as it is beyond that.
 */
function addCentroid(
  { matrix: { rowCount, columnCount, values }, weights, distances }: Covered,
  added: number,
  { most, into }: { readonly most: number; readonly into: Float64Array },
): number {
  let inertia = 0;
  for (let first = 0; first < rowCount && inertia <= most; first += lookRows) {
    const last = Math.min(rowCount, first + lookRows);
    for (let row = first; row < last; row++) {
      const square = squareBetween(values, row * columnCount, values, added * columnCount, columnCount);
      const nearest = Math.min(distances[row]!, square);
      into[row] = nearest;
      inertia += weights[row]! * nearest;
    }
  }
  return inertia;
}

function firstAbove(cumulated: Float64Array, threshold: number): number {
  let low = 0;
  let high = cumulated.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulated[middle]! > threshold) high = middle;
    else low = middle + 1;
  }
  return low;
}
