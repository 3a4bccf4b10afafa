import { bestMatching } from './assignment.ts';
import type { Cluster } from './model.ts';

export type LineageOptions = {
  /** k×d of tonight's fit, in the frozen scale. */
  readonly centroids: Float64Array;
  readonly k: number;
  /** The published model's clusters, in the same scale. */
  readonly published: readonly Pick<Cluster, 'uid' | 'centroid'>[];
  /** New clusters are called `<prefix>-1`, `<prefix>-2` and so on, in the order of the centroids. */
  readonly newUidPrefix: string;
  /** Euclidean, in scaled units. */
  readonly maxDistance?: number;
};

export type Lineage = {
  /** Per cluster of tonight's fit. */
  readonly uids: readonly string[];
  /** How far each cluster has moved; null for a new one. */
  readonly distances: readonly (number | null)[];
  /** Uids of published clusters that none continues, in the order published. */
  readonly retired: readonly string[];
};

/**
 * Matches tonight's clusters to the published ones, so that each keeps its uid. The pairs made have
 * the lowest sum of distances, where leaving a cluster without a partner costs `maxDistance` (default
 * 1.0); a farther pair is never made. Depends neither on the order of the published clusters nor on
 * chance.
 */
export function matchLineage(options: LineageOptions): Lineage {
  const { centroids, k, newUidPrefix, maxDistance = 1 } = options;
  const columnCount = centroids.length / k;
  const published = options.published.toSorted(byCentroid);
  const rows = Array.from({ length: k }, (_, i) => centroids.subarray(i * columnCount, (i + 1) * columnCount));
  const distances = rows.map((row) => published.map(({ centroid }) => distanceBetween(row, centroid)));
  const { columnOf } = bestMatching(
    // The mite lets a pair at exactly the largest distance score above none.
    distances.map((row) => row.map((distance) => (distance <= maxDistance ? maxDistance - distance + 1e-8 : 0))),
  );
  const known = new Set(published.map(({ uid }) => uid));
  let number = 0;
  const nextUid = (): string => {
    do number++;
    while (known.has(`${newUidPrefix}-${number}`));
    return `${newUidPrefix}-${number}`;
  };
  const partners = columnOf.map((column) => (column === null ? null : published[column]!.uid));
  return {
    uids: partners.map((uid) => uid ?? nextUid()),
    distances: columnOf.map((column, i) => (column === null ? null : distances[i]![column]!)),
    retired: options.published.map(({ uid }) => uid).filter((uid) => !partners.includes(uid)),
  };
}

function distanceBetween(a: Float64Array, b: readonly number[]): number {
  if (a.length !== b.length) throw new Error(`centroids of ${a.length} and ${b.length} features cannot be matched`);
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
}

function byCentroid(a: Pick<Cluster, 'uid' | 'centroid'>, b: Pick<Cluster, 'uid' | 'centroid'>): number {
  const at = a.centroid.findIndex((value, i) => value !== b.centroid[i]);
  if (at >= 0) return a.centroid[at]! - b.centroid[at]!;
  return a.uid < b.uid ? -1 : Number(a.uid > b.uid);
}
