import { requireMeasurable } from '../kmeans/check.ts';
import type { Matrix } from '../matrix.ts';
import { dendrogramOf, type Dendrogram, type Merge } from './dendrogram.ts';

/**
 * Ward's minimum-variance tree (Ward, 1963) by the nearest-neighbour chain (Murtagh, 1983): time grows
 * with the square of the rows, memory with the rows alone, since clusters are compared by their means.
 * Heights are those of scipy and scikit-learn: `sqrt(2 |A| |B| / (|A| + |B|)) * ||mean A - mean B||`.
 *
 * A row counts once, or by its entry in `weights` (above 0), as if it were that many equal rows which
 * have been merged already. Of equally near clusters the one with the lowest row is taken. Throws
 * E_DEGENERATE_FIT for NaN, infinite or overflowing values; no rows give an empty tree.
 */
export function wardTree(matrix: Matrix, weights?: Float64Array): Dendrogram {
  requireMeasurable(matrix);
  const clusters = livingClusters(matrix, weights);
  const merges: Merge[] = [];
  const chain: number[] = [];
  while (clusters.count > 1) {
    if (chain.length === 0) push(clusters, chain, lowestRow(clusters));
    for (;;) {
      const top = chain.at(-1)!;
      const { row, square } = nearest(clusters, top, chain.at(-2));
      if (row === chain.at(-2)) {
        chain.length -= 2;
        const [a, b] = row < top ? [row, top] : [top, row];
        merges.push({ a, b, height: Math.sqrt(square) });
        merge(clusters, a, b);
        break;
      }
      push(clusters, chain, row);
    }
  }
  return dendrogramOf(matrix.rowCount, merges);
}

/** Clusters lie densely in slots 0..count-1; each is known by its lowest row. */
type Clusters = {
  readonly columnCount: number;
  count: number;
  readonly means: Float64Array;
  readonly weights: Float64Array;
  /** Lowest row of the cluster in a slot. */
  readonly rows: Int32Array;
  /** Slot of the cluster with this lowest row. */
  readonly slots: Int32Array;
  /** By slot: 1 for a cluster on the chain. */
  readonly chained: Uint8Array;
};

function livingClusters({ rowCount, columnCount, values }: Matrix, weights?: Float64Array): Clusters {
  return {
    columnCount,
    count: rowCount,
    means: values.slice(0, rowCount * columnCount),
    weights: weights?.slice() ?? new Float64Array(rowCount).fill(1),
    rows: Int32Array.from({ length: rowCount }, (_, row) => row),
    slots: Int32Array.from({ length: rowCount }, (_, row) => row),
    chained: new Uint8Array(rowCount),
  };
}

function lowestRow({ rows, count }: Clusters): number {
  return rows.subarray(0, count).reduce((lowest, row) => Math.min(lowest, row));
}

function push(clusters: Clusters, chain: number[], row: number): void {
  clusters.chained[clusters.slots[row]!] = 1;
  chain.push(row);
}

/**
 * The cluster nearest to that of row `from`; the chain's last but one if none is nearer. Others on the
 * chain are farther but for rounding, and are passed over so that rounding cannot close a circle.
 */
function nearest(
  { columnCount, count, means, weights, rows, slots, chained }: Clusters,
  from: number,
  previous: number | undefined,
): { row: number; square: number } {
  const slot = slots[from]!;
  const at = slot * columnCount;
  const weight = weights[slot]!;
  // The last but one is looked at first, so that another has to be nearer, not only as near.
  let best = Infinity;
  let found = -1;
  for (let i = -1; i < count; i++) {
    const other = i < 0 ? (previous === undefined ? slot : slots[previous]!) : i;
    if (other === slot || (i >= 0 && chained[other] === 1)) continue;
    let square = 0;
    for (let column = 0; column < columnCount; column++) {
      const difference = means[at + column]! - means[other * columnCount + column]!;
      square += difference * difference;
    }
    const otherWeight = weights[other]!;
    // At least this: it spares most divisions.
    if (square * Math.min(weight, otherWeight) > best) continue;
    square *= (2 * weight * otherWeight) / (weight + otherWeight);
    const row = rows[other]!;
    if (square < best || (square === best && found !== previous && row < found)) {
      best = square;
      found = row;
    }
  }
  return { row: found, square: best };
}

/** Puts cluster `b` into cluster `a` and the last slot's cluster into the slot left free. */
function merge(clusters: Clusters, a: number, b: number): void {
  const { columnCount, means, weights, rows, slots, chained } = clusters;
  const into = slots[a]!;
  const free = slots[b]!;
  const total = weights[into]! + weights[free]!;
  for (let column = 0; column < columnCount; column++) {
    const at = into * columnCount + column;
    means[at] = means[at]! + (weights[free]! / total) * (means[free * columnCount + column]! - means[at]!);
  }
  weights[into] = total;
  chained[into] = 0;
  const last = --clusters.count;
  means.copyWithin(free * columnCount, last * columnCount, (last + 1) * columnCount);
  weights[free] = weights[last]!;
  rows[free] = rows[last]!;
  chained[free] = chained[last]!;
  slots[rows[free]!] = free;
}
