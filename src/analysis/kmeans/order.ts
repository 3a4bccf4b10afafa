/** The clusters in lexicographic order of their centroids (k×d): first the lowest first feature; equal ones as given. */
export function lexicographicOrder(centroids: Float64Array, k: number): number[] {
  const columnCount = centroids.length / k;
  return Array.from({ length: k }, (_, cluster) => cluster).sort((a, b) => {
    for (let column = 0; column < columnCount; column++) {
      const difference = centroids[a * columnCount + column]! - centroids[b * columnCount + column]!;
      if (difference !== 0) return difference;
    }
    return 0;
  });
}
