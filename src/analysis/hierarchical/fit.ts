import { clusterMeans, withinSquares } from '../cluster-means.ts';
import { refuse, requireSplittable } from '../kmeans/check.ts';
import { lexicographicOrder } from '../kmeans/order.ts';
import { inlineStepper, type LloydStepper } from '../kmeans/stepper.ts';
import type { Matrix } from '../matrix.ts';
import { cutTree, type Dendrogram } from './dendrogram.ts';
import { microClusters } from './micro-clusters.ts';
import { wardTree } from './ward.ts';

/** Up to this many rows the tree is that of the rows; above, that of micro-clusters. */
const exactLimit = 10_000;
const microClusterCount = 500;

export type WardOptions = {
  readonly matrix: Matrix;
  readonly seed: number;
  /** The largest k that the tree will be cut into. */
  readonly mostClusters: number;
  /** Runs the pass over all rows; by default in this thread. */
  readonly stepper?: LloydStepper | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** A tree over rows, or over groups of near rows where there are too many. */
export type WardFit = {
  readonly tree: Dendrogram;
  /** Leaf of the tree of each row. */
  readonly leafOf: Int32Array;
  /** Each leaf is one row, and the cuts are those of scipy and scikit-learn. */
  readonly exact: boolean;
};

export type WardCut = {
  /** k×d means of the members, clusters in lexicographic order of them. */
  readonly centroids: Float64Array;
  readonly labels: Int32Array;
  readonly sizes: number[];
  /** Sum of squared distances of the rows to the means of their clusters. */
  readonly inertia: number;
};

/**
 * Ward's tree: exact up to 10,000 rows, above that on about 500 seeded micro-clusters, each weighted
 * by its rows. Throws E_DEGENERATE_FIT for NaN, infinite or overflowing values and for fewer different
 * rows than `mostClusters`.
 */
export async function fitWard(options: WardOptions): Promise<WardFit> {
  const { matrix, seed, signal, mostClusters, stepper = inlineStepper(matrix) } = options;
  requireSplittable(matrix, mostClusters);
  if (matrix.rowCount <= exactLimit) {
    const leafOf = Int32Array.from({ length: matrix.rowCount }, (_, row) => row);
    return { tree: wardTree(matrix), leafOf, exact: true };
  }
  const micro = await microClusters({ stepper, count: microClusterCount, seed, signal });
  return { tree: wardTree(micro.means, micro.weights), leafOf: micro.groupOf, exact: false };
}

/** The rows in `k` clusters by the tree of `fitWard`. Throws E_DEGENERATE_FIT when it has fewer leaves than k. */
export function cutWard(matrix: Matrix, { tree, leafOf }: WardFit, k: number): WardCut {
  if (tree.rowCount < k) {
    throw refuse(`The customers form only ${tree.rowCount} groups, fewer than the ${k} clusters asked for.`, lowerK);
  }
  const clusterOfLeaf = cutTree(tree, k);
  const { means } = clusterMeans(
    matrix,
    leafOf.map((leaf) => clusterOfLeaf[leaf]!),
    k,
  );
  const order = lexicographicOrder(means, k);
  const rank = Int32Array.from(order.keys());
  for (const [to, from] of order.entries()) rank[from] = to;
  const labels = leafOf.map((leaf) => rank[clusterOfLeaf[leaf]!]!);
  const { counts, means: centroids } = clusterMeans(matrix, labels, k);
  return { centroids, labels, sizes: [...counts], inertia: withinSquares(matrix, labels, centroids) };
}

const lowerK = 'Lower segments.k, or add a feature that tells the customers apart.';
