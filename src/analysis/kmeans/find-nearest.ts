type Points = { readonly k: number; readonly centroids: Float64Array };

type Rows = { readonly values: Float64Array; readonly columnCount: number };

/** Some rows, and their nearest centroids: which one, and the squared distances to it and to the second-nearest. */
export type Nearest = {
  readonly rows: Int32Array;
  readonly labels: Int32Array;
  readonly nearest: Float64Array;
  readonly second: Float64Array;
};

/**
 * Finds the nearest of k centroids (k×d; squared Euclidean distance; ties: the lowest index) to the
 * first `count` rows of `into.rows`. The second-nearest is infinitely far where k is 1.
 */
export function findNearest(rows: Rows, points: Points, into: Nearest, count: number): void {
  // Three features are what most jobs have, and take half the time without the inner loop.
  if (rows.columnCount === 3) nearestOfThree(rows.values, points, into, count);
  else nearestOfMany(rows, points, into, count);
}

function nearestOfThree(values: Float64Array, { k, centroids }: Points, into: Nearest, count: number): void {
  const { rows, labels, nearest: firsts, second: seconds } = into;
  for (let i = 0; i < count; i++) {
    const row = 3 * rows[i]!;
    const x = values[row]!;
    const y = values[row + 1]!;
    const z = values[row + 2]!;
    let label = 0;
    let nearest = Infinity;
    let second = Infinity;
    for (let cluster = 0; cluster < k; cluster++) {
      const dx = x - centroids[3 * cluster]!;
      const dy = y - centroids[3 * cluster + 1]!;
      const dz = z - centroids[3 * cluster + 2]!;
      const square = dx * dx + dy * dy + dz * dz;
      if (square < nearest) {
        second = nearest;
        nearest = square;
        label = cluster;
      } else if (square < second) {
        second = square;
      }
    }
    labels[i] = label;
    firsts[i] = nearest;
    seconds[i] = second;
  }
}

function nearestOfMany({ values, columnCount }: Rows, { k, centroids }: Points, into: Nearest, count: number): void {
  const { rows, labels, nearest: firsts, second: seconds } = into;
  for (let i = 0; i < count; i++) {
    const row = rows[i]! * columnCount;
    let label = 0;
    let nearest = Infinity;
    let second = Infinity;
    for (let cluster = 0; cluster < k; cluster++) {
      const square = squareBetween(values, row, centroids, cluster * columnCount, columnCount);
      if (square < nearest) {
        second = nearest;
        nearest = square;
        label = cluster;
      } else if (square < second) {
        second = square;
      }
    }
    labels[i] = label;
    firsts[i] = nearest;
    seconds[i] = second;
  }
}

/** Squared Euclidean distance; two columns at a time, which is up to twice as fast from five columns on. */
export function squareBetween(a: Float64Array, aAt: number, b: Float64Array, bAt: number, columnCount: number): number {
  let square = 0;
  let column = 0;
  for (; column + 1 < columnCount; column += 2) {
    const x = a[aAt + column]! - b[bAt + column]!;
    const y = a[aAt + column + 1]! - b[bAt + column + 1]!;
    square += x * x + y * y;
  }
  if (column < columnCount) {
    const x = a[aAt + column]! - b[bAt + column]!;
    square += x * x;
  }
  return square;
}
