/** What is known of clusters without looking at their rows again; clusters without rows are left out. */
export type ClusterMoments = {
  /** Rows per cluster. */
  readonly counts: readonly number[];
  /** Their means, in the order of the features. */
  readonly means: readonly (readonly number[])[];
  /** Sums of the squared distances from these means. */
  readonly within: readonly number[];
};

/** Caliński and Harabasz (1974) from moments; see `calinskiHarabasz`. */
export function calinskiHarabaszOf({ counts, means, within }: ClusterMoments): number {
  const k = counts.length;
  const rowCount = sum(counts);
  if (k < 2 || rowCount <= k) return NaN;
  const overall = overallMean({ counts, means });
  const between = sum(means.map((mean, i) => counts[i]! * squareBetween(mean, overall)));
  const inside = sum(within);
  return inside === 0 ? 1 : between / (k - 1) / (inside / (rowCount - k));
}

/** Davies and Bouldin (1979) from the means and the mean distances of the members to them; see `daviesBouldin`. */
export function daviesBouldinOf(means: ClusterMoments['means'], spreads: readonly number[]): number {
  const worst = means.map((mean, i) =>
    means.reduce((most, other, j) => {
      const distance = i === j ? 0 : Math.sqrt(squareBetween(mean, other));
      return distance > 0 ? Math.max(most, (spreads[i]! + spreads[j]!) / distance) : most;
    }, 0),
  );
  return sum(worst) / means.length;
}

/** k points of a row-major array, as lists of coordinates. */
export function pointsOf(points: Float64Array, k: number): number[][] {
  const width = points.length / k;
  return Array.from({ length: k }, (_, i) => [...points.subarray(i * width, (i + 1) * width)]);
}

/** The mean of all rows. */
export function overallMean({ counts, means }: Pick<ClusterMoments, 'counts' | 'means'>): number[] {
  const rowCount = sum(counts);
  return means[0]!.map((_, column) => sum(means.map((mean, i) => counts[i]! * mean[column]!)) / rowCount);
}

/** Squared Euclidean distance of two points. */
export function squareBetween(a: readonly number[], b: readonly number[]): number {
  return a.reduce((total, value, i) => total + (value - b[i]!) ** 2, 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
