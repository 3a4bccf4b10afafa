import type { Matrix } from './matrix.ts';
import { sampleRows, seededRandom } from './random.ts';

/** Mean silhouette of all rows and of each cluster's rows; -1 (misplaced) to 1 (well apart). */
export type Silhouette = { readonly mean: number; readonly perCluster: number[] };

/**
 * The silhouette with squared Euclidean distance, exactly and in linear time, from each cluster's
 * count, sum and sum of squares (the method of Spark's ClusteringMetrics); equals scikit-learn's
 * `silhouette_score(metric="sqeuclidean")`. It is higher than the Euclidean one on the same labels:
 * report it as `silhouette_sq`.
 *
 * `labels` are 0..k-1. A row alone in its cluster, or as near to its own cluster as to another, has 0;
 * so has an empty cluster. NaN when fewer than two clusters have rows.
 */
export function silhouetteSq(matrix: Matrix, labels: Int32Array, k: number): Silhouette {
  const { columnCount, values } = matrix;
  const mean = meanOf(matrix);
  const { counts, sums, squares } = momentsOf(matrix, labels, k, mean);
  const point = new Float64Array(columnCount);
  return average(labels, k, counts, (row) => {
    let ownSquare = 0;
    for (let column = 0; column < columnCount; column++) {
      point[column] = values[row * columnCount + column]! - mean[column]!;
      ownSquare += point[column]! ** 2;
    }
    const own = labels[row]!;
    let inside = 0;
    let outside = Infinity;
    for (let cluster = 0; cluster < k; cluster++) {
      const count = counts[cluster]!;
      if (count === 0) continue;
      let product = 0;
      for (let column = 0; column < columnCount; column++) {
        product += point[column]! * sums[cluster * columnCount + column]!;
      }
      // Rounding can take a mean squared distance of zero just below it.
      const distance = Math.max(0, ownSquare + squares[cluster]! / count - (2 * product) / count);
      if (cluster !== own) outside = Math.min(outside, distance);
      else inside = (distance * count) / (count - 1);
    }
    return widthOf(inside, outside);
  });
}

/** Rows in `k` clusters; `labels` are 0..k-1. */
type Clustering = { readonly labels: Int32Array; readonly k: number };

/**
 * The usual silhouette (Rousseeuw, 1987) with Euclidean distance. Time grows with the square of the
 * rows: give it at most some thousands (`stratifiedSample`). Rules as for `silhouetteSq`.
 */
export function silhouetteEuclidean(matrix: Matrix, labels: Int32Array, k: number): Silhouette {
  return silhouettesEuclidean(matrix, [{ labels, k }])[0]!;
}

/** The same of several clusterings of the same rows, whose distances are measured once. */
export function silhouettesEuclidean(matrix: Matrix, clusterings: readonly Clustering[]): Silhouette[] {
  const distances = distancesToClusters(matrix, clusterings);
  return clusterings.map(({ labels, k }, i) => {
    const counts = countsOf(labels, k);
    const totals = distances[i]!;
    return average(labels, k, counts, (row) => {
      const own = labels[row]!;
      let outside = Infinity;
      for (let cluster = 0; cluster < k; cluster++) {
        if (cluster !== own && counts[cluster]! > 0) {
          outside = Math.min(outside, totals[row * k + cluster]! / counts[cluster]!);
        }
      }
      return widthOf(totals[row * k + own]! / (counts[own]! - 1), outside);
    });
  });
}

/** The sum of distances of each row to the rows of each cluster, rows × k by clustering; each pair is measured once. */
function distancesToClusters(matrix: Matrix, clusterings: readonly Clustering[]): Float64Array[] {
  const { rowCount } = matrix;
  const totals = clusterings.map(({ k }) => new Float64Array(rowCount * k));
  const toLater = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    measureLater(matrix, row, toLater);
    for (const [i, clustering] of clusterings.entries()) addLater(totals[i]!, clustering, row, toLater);
  }
  return totals;
}

/** Distances of a row to those behind it. */
function measureLater({ rowCount, columnCount, values }: Matrix, row: number, distances: Float64Array): void {
  const start = row * columnCount;
  for (let other = row + 1, at = start + columnCount; other < rowCount; other++, at += columnCount) {
    let square = 0;
    for (let column = 0; column < columnCount; column++) {
      const difference = values[start + column]! - values[at + column]!;
      square += difference * difference;
    }
    distances[other] = Math.sqrt(square);
  }
}

function addLater(totals: Float64Array, { labels, k }: Clustering, row: number, distances: Float64Array): void {
  const label = labels[row]!;
  const start = row * k;
  for (let other = row + 1; other < labels.length; other++) {
    const distance = distances[other]!;
    totals[start + labels[other]!]! += distance;
    totals[other * k + label]! += distance;
  }
}

/**
 * At most `size` rows, ascending, drawn from each cluster in proportion to its size and at least two
 * from each (or all it has), so small clusters are seen too. Seeded; all rows when they are few enough.
 */
export function stratifiedSample(
  labels: Int32Array,
  k: number,
  options: { readonly size: number; readonly seed: number },
): Uint32Array {
  if (labels.length <= options.size) return Uint32Array.from(labels.keys());
  const random = seededRandom(options.seed);
  const drawn = Array.from(countsOf(labels, k), (count) => {
    const share = Math.floor((count / labels.length) * options.size);
    return sampleRows(count, Math.min(count, Math.max(2, share)), random);
  });
  const sample: number[] = [];
  const passed = new Int32Array(k);
  const taken = new Int32Array(k);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (drawn[label]![taken[label]!] === passed[label]) {
      sample.push(row);
      taken[label]! += 1;
    }
    passed[label]! += 1;
  }
  return Uint32Array.from(sample);
}

/** Of one row, from its mean distances to its own cluster and to the nearest other; 0 where neither is above 0. */
function widthOf(inside: number, outside: number): number {
  const larger = Math.max(inside, outside);
  return larger > 0 ? (outside - inside) / larger : 0;
}

function average(labels: Int32Array, k: number, counts: Float64Array, widthAt: (row: number) => number): Silhouette {
  if (counts.filter((count) => count > 0).length < 2) return { mean: NaN, perCluster: Array.from(counts, () => NaN) };
  const totals = new Float64Array(k);
  for (let row = 0; row < labels.length; row++) {
    const own = labels[row]!;
    if (counts[own]! >= 2) totals[own]! += widthAt(row);
  }
  const total = totals.reduce((sum, value) => sum + value, 0);
  return {
    mean: total / labels.length,
    perCluster: Array.from(totals, (sum, i) => (counts[i]! > 0 ? sum / counts[i]! : 0)),
  };
}

function countsOf(labels: Int32Array, k: number): Float64Array {
  const counts = new Float64Array(k);
  for (let row = 0; row < labels.length; row++) counts[labels[row]!]! += 1;
  return counts;
}

/** Distances are taken about this point, where sums of squares lose the fewest digits. */
function meanOf({ rowCount, columnCount, values }: Matrix): Float64Array {
  const sums = new Float64Array(columnCount);
  for (let row = 0; row < rowCount; row++) {
    for (let column = 0; column < columnCount; column++) sums[column]! += values[row * columnCount + column]!;
  }
  return sums.map((sum) => sum / rowCount);
}

function momentsOf(
  { rowCount, columnCount, values }: Matrix,
  labels: Int32Array,
  k: number,
  mean: Float64Array,
): { counts: Float64Array; sums: Float64Array; squares: Float64Array } {
  const sums = new Float64Array(k * columnCount);
  const squares = new Float64Array(k);
  for (let row = 0; row < rowCount; row++) {
    const label = labels[row]!;
    for (let column = 0; column < columnCount; column++) {
      const value = values[row * columnCount + column]! - mean[column]!;
      sums[label * columnCount + column]! += value;
      squares[label]! += value * value;
    }
  }
  return { counts: countsOf(labels, k), sums, squares };
}
