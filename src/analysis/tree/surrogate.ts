import { rowsAmong, rowsWhere } from '../../frame/rows.ts';
import type { NumericColumn } from '../matrix.ts';
import { seededRandom } from '../random.ts';
import { growTree, predict, type TreeNode } from './grow.ts';

export type SurrogateInput = {
  /** In raw units. */
  readonly columns: readonly NumericColumn[];
  /** The segment of each row, -1 for rows that are not to be explained. */
  readonly labels: Int32Array;
  readonly classCount: number;
  readonly seed: number;
  readonly maxDepth?: number;
  /** Part of each segment that the tree learns from. */
  readonly trainShare?: number;
};

export type Surrogate = {
  readonly tree: TreeNode;
  /** Share of the rows that the tree gives their segment, of those it learnt from. */
  readonly fidelityTrain: number;
  /** The same of the rows that it has not seen. */
  readonly fidelityTest: number;
  /** Unseen rows: by their segment, by what the tree says. */
  readonly confusion: readonly (readonly number[])[];
  readonly trainRows: number;
  readonly testRows: number;
};

/**
 * A small tree that says in raw units what the segments say: it learns from 70 % of each segment,
 * drawn by the seed, and is measured on the rest. A leaf has at least 20 rows and 1 % of those it
 * learns from. Rows with a value that is not finite are left out. Null where fewer than two rows are
 * left to learn from, or none to measure on.
 */
export function fitSurrogate(input: SurrogateInput): Surrogate | null {
  const { columns, labels, classCount, seed, maxDepth = 3, trainShare = 0.7 } = input;
  const { train, test } = splitStratified(input, usableRows(columns, labels), { seed, trainShare });
  if (train.length < 2 || test.length === 0) return null;
  const minLeaf = Math.max(20, Math.ceil(0.01 * train.length));
  const tree = growTree({ columns, labels, classCount, rows: train, maxDepth, minLeaf });
  const confusion = Array.from({ length: classCount }, () => Array.from({ length: classCount }, () => 0));
  for (const row of test) confusion[labels[row]!]![predict(tree, columns, row)]!++;
  const learnt = rowsAmong(train, (row) => predict(tree, columns, row) === labels[row]).length;
  const foreseen = confusion.reduce((sum, told, label) => sum + told[label]!, 0);
  return {
    tree,
    fidelityTrain: learnt / train.length,
    fidelityTest: foreseen / test.length,
    confusion,
    trainRows: train.length,
    testRows: test.length,
  };
}

function usableRows(columns: readonly NumericColumn[], labels: Int32Array): Uint32Array {
  const isUsable = (row: number): boolean => columns.every(({ values }) => Number.isFinite(values[row]));
  return rowsWhere(labels.length, (row) => labels[row]! >= 0 && isUsable(row));
}

/** The rows of each segment are shuffled (Fisher and Yates) and cut; both parts are ascending. */
function splitStratified(
  { labels, classCount }: SurrogateInput,
  rows: Uint32Array,
  { seed, trainShare }: { readonly seed: number; readonly trainShare: number },
): { train: Uint32Array; test: Uint32Array } {
  const random = seededRandom(seed);
  const train: number[] = [];
  const test: number[] = [];
  for (let label = 0; label < classCount; label++) {
    const members = rowsAmong(rows, (row) => labels[row] === label);
    for (let i = members.length - 1; i > 0; i--) {
      const j = random.integer(i + 1);
      [members[i], members[j]] = [members[j]!, members[i]!];
    }
    const cut = Math.round(trainShare * members.length);
    train.push(...members.subarray(0, cut));
    test.push(...members.subarray(cut));
  }
  return { train: Uint32Array.from(train).sort(), test: Uint32Array.from(test).sort() };
}
