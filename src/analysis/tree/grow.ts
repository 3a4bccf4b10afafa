import { rowsAmong } from '../../frame/rows.ts';
import type { NumericColumn } from '../matrix.ts';

export type TreeNode =
  | { readonly kind: 'leaf'; readonly label: number; readonly counts: readonly number[] }
  | {
      readonly kind: 'split';
      readonly column: string;
      /** Values up to and including it go left. */
      readonly threshold: number;
      readonly left: TreeNode;
      readonly right: TreeNode;
    };

export type GrowOptions = {
  readonly columns: readonly NumericColumn[];
  /** A class 0..classCount-1 per row. */
  readonly labels: Int32Array;
  readonly classCount: number;
  /** The rows to learn from. */
  readonly rows: Uint32Array;
  readonly maxDepth: number;
  readonly minLeaf: number;
};

/** A split must make the node purer by more than rounding does. */
const smallestGain = 1e-12;

/**
 * A classification tree (CART; Breiman and others, 1984) by Gini impurity on numeric columns: each
 * column is sorted once, and every node scans its part of that order. A threshold is the middle of
 * two neighbouring values; ties go to the earlier column, then to the lower threshold, and a leaf's
 * label to the lower class. Values must be finite (a plain Error otherwise); at least one row.
 */
export function growTree(options: GrowOptions): TreeNode {
  const { columns, rows } = options;
  if (rows.length === 0) throw new Error('a tree needs at least one row');
  const orders = columns.map(({ name, values }) => {
    if (rows.some((row) => !Number.isFinite(values[row]))) throw new Error(`"${name}" has values that are not finite`);
    return rows.slice().sort((a, b) => values[a]! - values[b]! || a - b);
  });
  return growNode(options, orders, rows, 0);
}

/** The label that a tree gives to a row. */
export function predict(tree: TreeNode, columns: readonly NumericColumn[], row: number): number {
  let node = tree;
  while (node.kind === 'split') {
    const { column, threshold } = node;
    const { values } = columns.find(({ name }) => name === column)!;
    node = values[row]! <= threshold ? node.left : node.right;
  }
  return node.label;
}

function growNode(options: GrowOptions, orders: readonly Uint32Array[], rows: Uint32Array, depth: number): TreeNode {
  const counts = countLabels(options, rows);
  const leaf: TreeNode = { kind: 'leaf', label: counts.indexOf(Math.max(...counts)), counts };
  if (depth === options.maxDepth || rows.length < 2 * options.minLeaf) return leaf;
  const split = bestSplit(options, orders, counts);
  if (!split) return leaf;
  const { threshold } = split;
  const { name, values } = options.columns[split.column]!;
  const grow = (isLeft: boolean): TreeNode => {
    const part = (side: Uint32Array): Uint32Array => rowsAmong(side, (row) => values[row]! <= threshold === isLeft);
    return growNode(options, orders.map(part), part(rows), depth + 1);
  };
  return { kind: 'split', column: name, threshold, left: grow(true), right: grow(false) };
}

type Split = { readonly column: number; readonly threshold: number };

function bestSplit(options: GrowOptions, orders: readonly Uint32Array[], counts: readonly number[]): Split | null {
  const { columns, labels, minLeaf } = options;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const squares = counts.reduce((sum, count) => sum + count * count, 0);
  let highest = squares / total + smallestGain * total;
  let best: Split | null = null;
  for (const [column, order] of orders.entries()) {
    const { values } = columns[column]!;
    const left = new Float64Array(counts.length);
    const right = Float64Array.from(counts);
    // `Σ count² / size` of a part: the higher, the lower the Gini impurity that it adds. The sums are whole numbers.
    let leftSquares = 0;
    let rightSquares = squares;
    for (let i = 0; i < order.length - 1; i++) {
      const label = labels[order[i]!]!;
      leftSquares += 2 * left[label]! + 1;
      rightSquares -= 2 * right[label]! - 1;
      left[label]! += 1;
      right[label]! -= 1;
      const size = i + 1;
      const value = values[order[i]!]!;
      const next = values[order[i + 1]!]!;
      if (value === next || size < minLeaf || total - size < minLeaf) continue;
      const score = leftSquares / size + rightSquares / (total - size);
      if (score <= highest) continue;
      highest = score;
      best = { column, threshold: middleOf(value, next) };
    }
  }
  return best;
}

/** Between two neighbours, so that rounding never lets the higher one go left. */
function middleOf(value: number, next: number): number {
  const middle = value + (next - value) / 2;
  return middle < next ? middle : value;
}

function countLabels({ labels, classCount }: GrowOptions, rows: Uint32Array): number[] {
  const counts = Array.from({ length: classCount }, () => 0);
  for (const row of rows) counts[labels[row]!]!++;
  return counts;
}
