/**
 * The order in which rows grow together, as in scipy's linkage matrix: merge `i` joins clusters
 * `left[i] < right[i]` at `heights[i]` (ascending), where numbers below `rowCount` are rows and
 * `rowCount + j` is what merge `j` made.
 */
export type Dendrogram = {
  readonly rowCount: number;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly heights: Float64Array;
};

/** Two clusters, each named by one of its rows, and the height at which they become one. */
export type Merge = { readonly a: number; readonly b: number; readonly height: number };

/** Sorts merges by height (ties: the pair with the lowest rows first) and numbers the clusters they join. */
export function dendrogramOf(rowCount: number, merges: readonly Merge[]): Dendrogram {
  const sorted = merges.toSorted((m, n) => m.height - n.height || m.a - n.a || m.b - n.b);
  const union = unionOf(rowCount);
  const clusterOf = Int32Array.from({ length: rowCount }, (_, row) => row);
  const left = new Int32Array(sorted.length);
  const right = new Int32Array(sorted.length);
  for (const [i, { a, b }] of sorted.entries()) {
    const x = clusterOf[union.rootOf(a)]!;
    const y = clusterOf[union.rootOf(b)]!;
    left[i] = Math.min(x, y);
    right[i] = Math.max(x, y);
    clusterOf[union.join(a, b)] = rowCount + i;
  }
  return { rowCount, left, right, heights: Float64Array.from(sorted, ({ height }) => height) };
}

/**
 * The clusters left when the lowest `rowCount - k` merges are made: a label 0..k-1 per row, clusters
 * numbered in the order of their first rows. `k` is from 1 to the number of rows (RangeError).
 */
export function cutTree({ rowCount, left, right }: Dendrogram, k: number): Int32Array {
  if (!Number.isInteger(k) || k < 1 || k > rowCount) throw new RangeError(`cannot cut ${rowCount} rows into ${k}`);
  const union = unionOf(rowCount);
  const rowOf = new Int32Array(2 * rowCount - k);
  for (let row = 0; row < rowCount; row++) rowOf[row] = row;
  for (let i = 0; i < rowCount - k; i++) rowOf[rowCount + i] = union.join(rowOf[left[i]!]!, rowOf[right[i]!]!);
  const numberOf = new Map<number, number>();
  return Int32Array.from({ length: rowCount }, (_, row) => {
    const root = union.rootOf(row);
    const number = numberOf.get(root) ?? numberOf.size;
    numberOf.set(root, number);
    return number;
  });
}

type Union = { rootOf(row: number): number; join(a: number, b: number): number };

/** Disjoint sets of rows, each known by its lowest row. */
function unionOf(rowCount: number): Union {
  const parents = Int32Array.from({ length: rowCount }, (_, row) => row);
  const rootOf = (row: number): number => {
    let root = row;
    while (parents[root]! !== root) root = parents[root]!;
    for (let at = row; at !== root;) {
      const next = parents[at]!;
      parents[at] = root;
      at = next;
    }
    return root;
  };
  return {
    rootOf,
    join(a, b) {
      const [x, y] = [rootOf(a), rootOf(b)];
      parents[Math.max(x, y)] = Math.min(x, y);
      return Math.min(x, y);
    },
  };
}
