import type { KdTree } from './kd-tree.ts';
import type { StepSums } from './chunk.ts';

/**
 * One Lloyd step over the rows of a tree (the filtering algorithm: Kanungo, Mount, Netanyahu, Piatko, Silverman and Wu,
 * 2002): on the way down a centroid (k×d) is dropped where another is nearer to every point of a node's box, and a node
 * that one alone is left for goes to it as a whole. Sums, counts and inertia are those of looking at every row, but for
 * rounding; ties go to the lowest index.
 */
export function filterStep(tree: KdTree, centroids: Float64Array): StepSums {
  const { columnCount } = tree;
  const k = centroids.length / columnCount;
  const total: Total = { sums: new Float64Array(k * columnCount), counts: new Float64Array(k), inertia: 0 };
  const all = Int32Array.from({ length: k }, (_, cluster) => cluster);
  visit({ tree, centroids, total, levels: [all] }, 0, 0, k);
  return total;
}

type Total = { readonly sums: Float64Array; readonly counts: Float64Array; inertia: number };

type Pass = {
  readonly tree: KdTree;
  readonly centroids: Float64Array;
  readonly total: Total;
  /** The centroids that a node of each depth is given, ascending. */
  readonly levels: Int32Array[];
};

function visit(pass: Pass, node: number, depth: number, given: number): void {
  const { tree, levels } = pass;
  const kept = (levels[depth + 1] ??= new Int32Array(levels[0]!.length));
  const left = keepNearest(pass, node, levels[depth]!, { given, kept });
  if (left === 1) {
    addNode(pass, node, kept[0]!);
  } else if (tree.right[node] === 0) {
    addRows(pass, node, kept, left);
  } else {
    visit(pass, node + 1, depth + 1, left);
    visit(pass, tree.right[node]!, depth + 1, left);
  }
}

/** Keeps the centroid nearest to the middle of the box, and those that are nearer to some point of it; returns how many. */
function keepNearest(
  { tree: { columnCount, lows, highs }, centroids }: Pass,
  node: number,
  candidates: Int32Array,
  { given, kept }: { readonly given: number; readonly kept: Int32Array },
): number {
  const boxAt = node * columnCount;
  let nearest = 0;
  let least = Infinity;
  for (let i = 0; i < given; i++) {
    const at = candidates[i]! * columnCount;
    let square = 0;
    for (let column = 0; column < columnCount; column++) {
      const difference = 2 * centroids[at + column]! - lows[boxAt + column]! - highs[boxAt + column]!;
      square += difference * difference;
    }
    if (square < least) {
      least = square;
      nearest = candidates[i]!;
    }
  }
  let left = 0;
  const nearestAt = nearest * columnCount;
  for (let i = 0; i < given; i++) {
    const cluster = candidates[i]!;
    const at = cluster * columnCount;
    // Squared distance from the corner of the box that favours the candidate most, less that of the nearest.
    let farther = 0;
    for (let column = 0; column < columnCount; column++) {
      const own = centroids[at + column]!;
      const other = centroids[nearestAt + column]!;
      const corner = own > other ? highs[boxAt + column]! : lows[boxAt + column]!;
      farther += (own - other) * (own - corner + (other - corner));
    }
    if (cluster === nearest || farther < 0 || (farther === 0 && cluster < nearest)) kept[left++] = cluster;
  }
  return left;
}

function addNode({ tree, centroids, total }: Pass, node: number, cluster: number): void {
  const { columnCount, sums, firsts, lasts, scatters } = tree;
  const count = lasts[node]! - firsts[node]!;
  let square = 0;
  for (let column = 0; column < columnCount; column++) {
    const sum = sums[node * columnCount + column]!;
    const difference = sum / count - centroids[cluster * columnCount + column]!;
    square += difference * difference;
    total.sums[cluster * columnCount + column]! += sum;
  }
  total.counts[cluster]! += count;
  total.inertia += scatters[node]! + count * square;
}

function addRows({ tree, centroids, total }: Pass, node: number, candidates: Int32Array, given: number): void {
  const { columnCount, values, firsts, lasts } = tree;
  const last = lasts[node]! * columnCount;
  for (let row = firsts[node]! * columnCount; row < last; row += columnCount) {
    let nearest = 0;
    let least = Infinity;
    for (let i = 0; i < given; i++) {
      const at = candidates[i]! * columnCount;
      let square = 0;
      for (let column = 0; column < columnCount; column++) {
        const difference = values[row + column]! - centroids[at + column]!;
        square += difference * difference;
      }
      if (square < least) {
        least = square;
        nearest = candidates[i]!;
      }
    }
    for (let column = 0; column < columnCount; column++) {
      total.sums[nearest * columnCount + column]! += values[row + column]!;
    }
    total.counts[nearest]! += 1;
    total.inertia += least;
  }
}
