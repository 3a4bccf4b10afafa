import type { TreeNode } from './grow.ts';

export type Leaf = {
  readonly segment: string;
  /** `recency_days up to 252 and value above 7,415` */
  readonly sentence: string;
  /** Rows that the tree learnt from. */
  readonly rows: number;
  /** Share of them that are of the segment. */
  readonly purity: number;
};

type Bounds = ReadonlyMap<string, { readonly low: number | null; readonly high: number | null }>;

/** Says that a column lies above `low` and up to `high`, in its own words; null for the usual ones. */
export type SayBounds = (column: string, low: number | null, high: number | null) => string | null;

/** Every leaf as a sentence, from left to right; a column's bounds along the way are joined. */
export function leavesOf(tree: TreeNode, segments: readonly string[], say: SayBounds = () => null): Leaf[] {
  const below = (node: TreeNode, bounds: Bounds): Leaf[] => {
    if (node.kind === 'leaf') {
      const rows = node.counts.reduce((sum, count) => sum + count, 0);
      const parts = [...bounds].map(
        ([column, { low, high }]) => say(column, low, high) ?? boundText(column, low, high),
      );
      const sentence = parts.length === 0 ? 'all customers' : parts.join(' and ');
      return [{ segment: segments[node.label]!, sentence, rows, purity: node.counts[node.label]! / rows }];
    }
    const { column, threshold } = node;
    const known = bounds.get(column) ?? { low: null, high: null };
    const within = (change: { low?: number; high?: number }): Bounds =>
      new Map(bounds).set(column, { ...known, ...change });
    return [...below(node.left, within({ high: threshold })), ...below(node.right, within({ low: threshold }))];
  };
  return below(tree, new Map());
}

export type CaseOptions = {
  readonly segments: readonly string[];
  /** Writes a column's name for the dialect. */
  readonly quote: (name: string) => string;
};

/** The tree as one SQL expression: NULL where any column that it asks for is NULL, else the segment's slug. */
export function treeToSql(tree: TreeNode, options: CaseOptions): string {
  const columns = [...new Set(columnsOf(tree))];
  const missing = columns.map((column) => `${options.quote(column)} IS NULL`).join(' OR ');
  const body = nodeToSql(tree, options);
  return columns.length === 0 ? body : `CASE WHEN ${missing} THEN NULL ELSE ${body} END`;
}

function nodeToSql(node: TreeNode, options: CaseOptions): string {
  if (node.kind === 'leaf') return `'${options.segments[node.label]!.replaceAll("'", "''")}'`;
  const test = `${options.quote(node.column)} <= ${literal(node.threshold)}`;
  return `CASE WHEN ${test} THEN ${nodeToSql(node.left, options)} ELSE ${nodeToSql(node.right, options)} END`;
}

function columnsOf(node: TreeNode): string[] {
  return node.kind === 'leaf' ? [] : [node.column, ...columnsOf(node.left), ...columnsOf(node.right)];
}

/** All digits, and an exponent, which makes it a DOUBLE everywhere. */
function literal(value: number): string {
  const text = value.toExponential();
  return value < 0 ? `(${text})` : text;
}

function boundText(column: string, low: number | null, high: number | null): string {
  if (low === null) return `${column} up to ${numberText(high!)}`;
  return high === null
    ? `${column} above ${numberText(low)}`
    : `${column} above ${numberText(low)} and up to ${numberText(high)}`;
}

function numberText(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
}
