import { isCategory } from '../../../analysis/codings.ts';
import { columnNamed } from '../../../analysis/matrix.ts';
import { quoteName } from '../../../analysis/sql/dialect.ts';
import { codedValue } from '../../../analysis/sql/parts.ts';
import { fitSurrogate } from '../../../analysis/tree/surrogate.ts';
import { leavesOf, treeToSql, type Leaf, type SayBounds } from '../../../analysis/tree/texts.ts';
import type { SegmentText } from '../../../analysis/decide/diff.ts';
import type { Coded } from './code-texts.ts';

/** The segments once more as a few questions in raw units, and how far those say the same. */
export type TreeSummary = {
  readonly fidelity_train: number;
  readonly fidelity_test: number;
  readonly train_customers: number;
  readonly test_customers: number;
  readonly leaves: readonly Leaf[];
  /** Customers not learnt from, by their segment (row) and what the tree says (column). */
  readonly confusion: { readonly segments: readonly string[]; readonly customers: readonly (readonly number[])[] };
  /** The segment as one SQL expression over the columns. */
  readonly sql: string;
};

/** A larger population is learnt from evenly spaced customers. */
const largestSample = 20_000;

export type TreeInput = {
  readonly separated: Coded;
  readonly features: readonly string[];
  readonly segments: readonly SegmentText[];
  readonly segmentOf: Int32Array;
  readonly seed: number;
};

/** Learns the tree of a night; null where there are too few customers. */
export function explainByTree({ separated, features, segments, segmentOf, seed }: TreeInput): TreeSummary | null {
  const step = Math.max(1, Math.ceil(segmentOf.length / largestSample));
  const labels = segmentOf.map((segment, row) => (row % step === 0 && separated.isOutlier[row] === 0 ? segment : -1));
  const surrogate = fitSurrogate({
    columns: features.map((name) => columnNamed(separated.columns, name)),
    labels,
    classCount: segments.length,
    seed,
  });
  if (!surrogate) return null;
  const slugs = segments.map(({ segment }) => segment);
  return {
    fidelity_train: surrogate.fidelityTrain,
    fidelity_test: surrogate.fidelityTest,
    train_customers: surrogate.trainRows,
    test_customers: surrogate.testRows,
    leaves: leavesOf(surrogate.tree, slugs, sayTexts(separated)),
    confusion: { segments: slugs, customers: surrogate.confusion },
    sql: treeToSql(surrogate.tree, {
      segments: slugs,
      quote: (name) => {
        const made = separated.coded.find((column) => column.name === name);
        return made ? `(${codedValue(made.coding, 'duckdb')})` : quoteName(name, 'duckdb');
      },
    }),
  };
}

/** Bounds of a column that is made of texts, in those. */
function sayTexts({ coded }: Coded): SayBounds {
  return (name, low, high) => {
    const coding = coded.find((column) => column.name === name)?.coding;
    if (!coding) return null;
    const [first] = coding.codes;
    if (isCategory(coding)) return `${coding.column} is ${low === null ? 'not ' : ''}${first!.text}`;
    const textBelow = (bound: number): string => coding.codes.findLast(({ value }) => value <= bound)!.text;
    const parts = [low === null ? [] : [`above ${textBelow(low)}`], high === null ? [] : [`up to ${textBelow(high)}`]];
    return `${name} ${parts.flat().join(' and ')}`;
  };
}
