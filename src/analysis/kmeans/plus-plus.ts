import type { Matrix } from '../matrix.ts';
import type { Random } from '../random.ts';
import { coverPoints } from './kernel/cover-points.ts';

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
  const covered = coverPoints(matrix, weights);
  const centroids = new Float64Array(k * columnCount);
  for (let cluster = 0; cluster < k; cluster++) {
    const { distances } = covered;
    let total = 0;
    for (let row = 0; row < rowCount; row++) {
      cumulated[row] = total += cluster === 0 ? weights[row]! : weights[row]! * distances[row]!;
    }
    let best = { row: 0, inertia: Infinity };
    for (let attempt = 0; attempt < (cluster === 0 ? 1 : trials); attempt++) {
      const row = firstAbove(cumulated, random.float() * total);
      const inertia = covered.try(row, best.inertia);
      if (inertia >= best.inertia) continue;
      best = { row, inertia };
      covered.prefer();
    }
    covered.take();
    centroids.set(values.subarray(best.row * columnCount, (best.row + 1) * columnCount), cluster * columnCount);
  }
  return centroids;
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
