import type { Matrix } from '../matrix.ts';
import type { StepSums } from './chunk.ts';

/** Something about a fit that a person may want to know. */
export type KmeansEvent = {
  readonly kind: 'empty_cluster_moved';
  readonly iteration: number;
  /** The row that the cluster was moved to. */
  readonly row: number;
};

/** Rows, how much each counts, and their labels as of the last step. */
export type SteppedRows = {
  readonly matrix: Matrix;
  /** Null counts every row once. */
  readonly weights: Float64Array | null;
  readonly labels: Int32Array;
};

/**
 * Gives each empty cluster the row that lies farthest from its own centroid (ties: the lowest row),
 * taking it out of the cluster it was in, as scikit-learn does; a row that is alone in its cluster
 * stays. Changes `step` in place and returns the rows moved, fewer than the empty clusters when no
 * row lies off its centroid.
 */
export function refillEmptyClusters(stepped: SteppedRows, centroids: Float64Array, step: StepSums): number[] {
  const { matrix, labels, weights } = stepped;
  const { columnCount, values } = matrix;
  const moved: number[] = [];
  for (const [cluster, count] of step.counts.entries()) {
    if (count > 0) continue;
    const row = farthestRow(stepped, centroids, step.counts, moved);
    if (row === undefined) break;
    const donor = labels[row]!;
    const weight = weights?.[row] ?? 1;
    for (let column = 0; column < columnCount; column++) {
      const share = weight * values[row * columnCount + column]!;
      step.sums[donor * columnCount + column]! -= share;
      step.sums[cluster * columnCount + column] = share;
    }
    step.counts[donor]! -= weight;
    step.counts[cluster] = weight;
    moved.push(row);
  }
  return moved;
}

function farthestRow(
  { matrix, labels, weights }: SteppedRows,
  centroids: Float64Array,
  counts: Float64Array,
  taken: readonly number[],
): number | undefined {
  const { rowCount, columnCount, values } = matrix;
  let farthest = 0;
  let found: number | undefined;
  for (let row = 0; row < rowCount; row++) {
    const label = labels[row]!;
    let distance = 0;
    for (let column = 0; column < columnCount; column++) {
      distance += (values[row * columnCount + column]! - centroids[label * columnCount + column]!) ** 2;
    }
    // The rounding of summed weights must not leave a cluster with a sliver of one.
    const leavesMembers = counts[label]! > (weights?.[row] ?? 1) * (1 + 1e-9);
    if (distance > farthest && leavesMembers && !taken.includes(row)) {
      farthest = distance;
      found = row;
    }
  }
  return found;
}
