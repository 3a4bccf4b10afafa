import type { Matrix } from '../matrix.ts';
import type { KdTree } from './kd-tree.ts';

/** Rows that each stand for several, and how many. */
export type Cells = { readonly matrix: Matrix; readonly weights: Float64Array };

/**
 * About `size` cells that all rows of a tree fall into, each at the mean of its rows: always the one whose rows lie
 * farthest apart is split next, a leaf into its rows, so that a few very large rows have cells of their own. Fewer where
 * there are not as many different rows.
 */
export function cellsOf(tree: KdTree, size: number): Cells {
  const { columnCount, values, right, firsts, lasts, sums, scatters } = tree;
  const threshold = scatterOfWhole(tree, size);
  const weights: number[] = [];
  const points: number[] = [];
  const open = [0];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const count = lasts[node]! - firsts[node]!;
    if (scatters[node]! <= threshold) {
      weights.push(count);
      for (let column = 0; column < columnCount; column++) points.push(sums[node * columnCount + column]! / count);
    } else if (right[node] !== 0) {
      open.push(right[node]!, node + 1);
    } else {
      for (let row = firsts[node]!; row < lasts[node]!; row++) weights.push(1);
      for (let at = firsts[node]! * columnCount; at < lasts[node]! * columnCount; at++) points.push(values[at]!);
    }
  }
  const matrix = { rowCount: weights.length, columnCount, values: Float64Array.from(points) };
  return { matrix, weights: Float64Array.from(weights) };
}

/** The largest scatter that a node is not split for. A child's is never above its parent's, so all above it hang together. */
function scatterOfWhole({ right, firsts, lasts, scatters }: KdTree, size: number): number {
  const nodes = Uint32Array.from(scatters.keys()).sort((a, b) => scatters[b]! - scatters[a]!);
  let cells = 1;
  for (const node of nodes) {
    cells += right[node] === 0 ? lasts[node]! - firsts[node]! - 1 : 1;
    if (cells > size) return scatters[node]!;
  }
  return 0;
}
