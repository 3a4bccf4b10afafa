import type { Matrix } from '../matrix.ts';

/** So few rows are looked at one by one. */
const leafRows = 16;
/** A chain of ever larger rows must not become a branch as long as there are rows. */
const deepest = 64;

/**
 * The rows of a matrix by where they lie. Nodes are numbered as they are met, parent, left, right: the left child of a
 * node is the next one, and the root is 0.
 */
export type KdTree = {
  readonly columnCount: number;
  /** Row-major; each node's rows lie side by side. */
  readonly values: Float64Array;
  /** Each node's right child; 0 for a leaf. */
  readonly right: Int32Array;
  /** Each node's rows: `firsts` up to, not including, `lasts`. */
  readonly firsts: Int32Array;
  readonly lasts: Int32Array;
  /** The least and the greatest values of each node's rows, nodes × d. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** Sums of each node's rows, nodes × d. */
  readonly sums: Float64Array;
  /** Sum of squared distances of each node's rows to their mean; at most its parent's, and 0 for equal rows. */
  readonly scatters: Float64Array;
};

/**
 * Builds the tree: a node of more than 16 rows is split in the middle of its widest column. Values must be finite.
 * Equal rows stay together, however many. Time: rows × depth, which is at most 64.
 */
export function buildTree(matrix: Matrix): KdTree {
  const { columnCount } = matrix;
  const values = matrix.values.slice();
  const [right, firsts, lasts]: number[][] = [[], [], []];
  const lows: number[] = [];
  const highs: number[] = [];
  const open = [{ first: 0, last: matrix.rowCount, depth: 0, parent: -1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { first, last, depth, parent } = next;
    const node = right!.length;
    if (parent >= 0) right![parent] = node;
    right!.push(0);
    firsts!.push(first);
    lasts!.push(last);
    const box = boxOf(values, columnCount, first, last);
    lows.push(...box.low);
    highs.push(...box.high);
    const column = widest(box);
    if (last - first <= leafRows || depth >= deepest || box.low[column] === box.high[column]) continue;
    const middle = partition(values, columnCount, { first, last, column, border: between(box, column) });
    open.push({ first: middle, last, depth: depth + 1, parent: node });
    open.push({ first, last: middle, depth: depth + 1, parent: -1 });
  }
  return withMoments({
    columnCount,
    values,
    right: Int32Array.from(right!),
    firsts: Int32Array.from(firsts!),
    lasts: Int32Array.from(lasts!),
    lows: Float64Array.from(lows),
    highs: Float64Array.from(highs),
  });
}

type Box = { readonly low: Float64Array; readonly high: Float64Array };

function boxOf(values: Float64Array, columnCount: number, first: number, last: number): Box {
  const low = new Float64Array(columnCount).fill(Infinity);
  const high = new Float64Array(columnCount).fill(-Infinity);
  for (let column = 0; column < columnCount; column++) {
    let least = Infinity;
    let greatest = -Infinity;
    for (let at = first * columnCount + column; at < last * columnCount; at += columnCount) {
      const value = values[at]!;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    low[column] = least;
    high[column] = greatest;
  }
  return { low, high };
}

function widest({ low, high }: Box): number {
  let column = 0;
  for (let i = 1; i < low.length; i++) if (high[i]! - low[i]! > high[column]! - low[column]!) column = i;
  return column;
}

/** The middle, but below the greatest value, where rounding would take it there. */
function between({ low, high }: Box, column: number): number {
  const middle = low[column]! + (high[column]! - low[column]!) / 2;
  return middle < high[column]! ? middle : low[column]!;
}

type Cut = { readonly first: number; readonly last: number; readonly column: number; readonly border: number };

/** Brings the rows up to the border before those above it; returns the first of these. */
function partition(values: Float64Array, columnCount: number, { first, last, column, border }: Cut): number {
  let low = first;
  let high = last - 1;
  for (;;) {
    while (low <= high && values[low * columnCount + column]! <= border) low++;
    while (low <= high && values[high * columnCount + column]! > border) high--;
    if (low > high) return low;
    for (let i = 0; i < columnCount; i++) {
      const value = values[low * columnCount + i]!;
      values[low * columnCount + i] = values[high * columnCount + i]!;
      values[high * columnCount + i] = value;
    }
  }
}

/** Children have higher numbers than their parents, so that going down through the numbers goes up the tree. */
function withMoments(tree: Omit<KdTree, 'sums' | 'scatters'>): KdTree {
  const { columnCount, values, right, firsts, lasts, lows } = tree;
  const sums = new Float64Array(right.length * columnCount);
  const scatters = new Float64Array(right.length);
  for (let node = right.length - 1; node >= 0; node--) {
    const at = node * columnCount;
    const count = lasts[node]! - firsts[node]!;
    let scatter = 0;
    for (let column = 0; column < columnCount; column++) {
      if (right[node] === 0) {
        const low = lows[at + column]!;
        let above = 0;
        for (let row = firsts[node]!; row < lasts[node]!; row++) above += values[row * columnCount + column]! - low;
        // From the least value on, so that equal rows have no scatter at all.
        const mean = low + above / count;
        sums[at + column] = low * count + above;
        for (let row = firsts[node]!; row < lasts[node]!; row++) {
          scatter += (values[row * columnCount + column]! - mean) ** 2;
        }
      } else {
        const [a, b] = [node + 1, right[node]!];
        const [ofA, ofB] = [sums[a * columnCount + column]!, sums[b * columnCount + column]!];
        const [countA, countB] = [lasts[a]! - firsts[a]!, lasts[b]! - firsts[b]!];
        sums[at + column] = ofA + ofB;
        scatter += ((countA * countB) / count) * (ofA / countA - ofB / countB) ** 2;
      }
    }
    scatters[node] = right[node] === 0 ? scatter : scatter + scatters[node + 1]! + scatters[right[node]!]!;
  }
  return { ...tree, sums, scatters };
}
