/**
 * Rows handled together. The sums of each chunk are kept apart and added in chunk order, so the
 * result is the same to the last bit whoever computes which chunk.
 */
const chunkRows = 16_384;

/** What one Lloyd step reads and writes; every array may lie in memory shared between threads. */
export type LloydMemory = {
  readonly rowCount: number;
  readonly columnCount: number;
  /** Row-major. */
  readonly values: Float64Array;
  /** How much each row counts; null counts every row once. */
  readonly weights: Float64Array | null;
  /** Nearest centroid of each row, as of the last step. */
  readonly labels: Int32Array;
  /** A row's label holds for certain while this exceeds its cluster's `travel`. */
  readonly expiry: Float32Array;
};

/** The centroids of a step, k×d, and how far the clusters have travelled since the last fresh step. */
export type StepInput = {
  readonly k: number;
  readonly centroids: Float64Array;
  /** Per cluster: the sum over steps of its own move and the largest move of any cluster. */
  readonly travel: Float64Array;
  /** True looks at every row anew and sums the inertia. */
  readonly fresh: boolean;
};

/** Length of a chunk's partial result: k×d sums, k counts, and the inertia (of a fresh step only). */
export function partialLength(k: number, columnCount: number): number {
  return k * columnCount + k + 1;
}

export function chunkCount(rowCount: number): number {
  return Math.ceil(rowCount / chunkRows);
}

/**
 * Labels the rows of one chunk with their nearest centroid (ties: the lowest index) and puts their
 * sums into `partial`. Rows that cannot have changed sides are not looked at: by the triangle
 * inequality a label holds until the centroids have travelled the gap between a row's nearest and
 * second-nearest centroid (Hamerly, 2010). Labels and sums are those of plain Lloyd, bit for bit.
 */
export function runChunk(memory: LloydMemory, input: StepInput, chunk: number, partial: Float64Array): void {
  const { values, weights, labels, expiry, columnCount } = memory;
  const { k, centroids, travel, fresh } = input;
  const countsAt = k * columnCount;
  const last = Math.min(memory.rowCount, (chunk + 1) * chunkRows);
  let inertia = 0;
  partial.fill(0);
  for (let row = chunk * chunkRows; row < last; row++) {
    const at = row * columnCount;
    const weight = weights === null ? 1 : weights[row]!;
    let label = labels[row]!;
    if (fresh || !(expiry[row]! > travel[label]!)) {
      let nearest = Infinity;
      let second = Infinity;
      for (let cluster = 0; cluster < k; cluster++) {
        const distance = squareBetween(values, at, centroids, cluster * columnCount, columnCount);
        if (distance < nearest) {
          second = nearest;
          nearest = distance;
          label = cluster;
        } else if (distance < second) {
          second = distance;
        }
      }
      labels[row] = label;
      inertia += weight * nearest;
      expiry[row] = expiryOf(travel[label]!, Math.sqrt(nearest), Math.sqrt(second));
    }
    const sumsAt = label * columnCount;
    for (let column = 0; column < columnCount; column++) partial[sumsAt + column]! += weight * values[at + column]!;
    partial[countsAt + label]! += weight;
  }
  partial[countsAt + k] = inertia;
}

/** Two columns at a time, which is up to twice as fast from five columns on. */
function squareBetween(a: Float64Array, aAt: number, b: Float64Array, bAt: number, columnCount: number): number {
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

/** Rounded down by more than Float32 and the square roots can round up. */
function expiryOf(travel: number, nearest: number, second: number): number {
  return second === Infinity ? Infinity : travel + (second - nearest) - 1e-6 * (travel + second);
}
