import type { Matrix } from '../matrix.ts';
import type { Random } from '../random.ts';

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
  let distances = new Float64Array(rowCount).fill(1);
  const centroids = new Float64Array(k * columnCount);
  for (let cluster = 0; cluster < k; cluster++) {
    let total = 0;
    for (let row = 0; row < rowCount; row++) cumulated[row] = total += weights[row]! * distances[row]!;
    let best = { row: 0, inertia: Infinity, distances };
    for (let attempt = 0; attempt < (cluster === 0 ? 1 : trials); attempt++) {
      const row = firstAbove(cumulated, random.float() * total);
      const after = distancesWith(matrix, weights, cluster === 0 ? undefined : distances, row);
      if (after.inertia < best.inertia) best = { row, ...after };
    }
    distances = best.distances;
    centroids.set(values.subarray(best.row * columnCount, (best.row + 1) * columnCount), cluster * columnCount);
  }
  return centroids;
}

/** Squared distance of each row to the nearest centroid, with one more at `added`; and their weighted sum. */
function distancesWith(
  { rowCount, columnCount, values }: Matrix,
  weights: Float64Array,
  distances: Float64Array | undefined,
  added: number,
): { distances: Float64Array<ArrayBuffer>; inertia: number } {
  const nearest = new Float64Array(rowCount);
  let inertia = 0;
  for (let row = 0; row < rowCount; row++) {
    let square = 0;
    for (let column = 0; column < columnCount; column++) {
      const difference = values[row * columnCount + column]! - values[added * columnCount + column]!;
      square += difference * difference;
    }
    nearest[row] = distances === undefined ? square : Math.min(distances[row]!, square);
    inertia += weights[row]! * nearest[row]!;
  }
  return { distances: nearest, inertia };
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
