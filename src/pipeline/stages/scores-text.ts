import { canonicalJson } from '../../job/hash.ts';
import type { Compared } from './compare.ts';
import type { Segmentation } from '../methods/segmentation.ts';
import type { Separated } from './outliers.ts';

type Source = {
  readonly columns: Separated['columns'];
  readonly scoresOf: Segmentation['scoresOf'];
  /** Null where the job has no plain rule beside. */
  readonly compared: Compared | null;
};

/** A piece of the text: what stands before the value, and whose value it is. */
type Piece = { readonly head: string; readonly values: Float64Array | null; readonly key: string };

/**
 * The `scores` of each row as canonical JSON: the columns, what the method adds, and the plain rule's segment, keys in
 * code-unit order, numbers that are none as null. Every customer has the same keys, so their order is found once.
 */
export function scoresWriter({ columns, scoresOf, compared }: Source): (row: number) => string {
  let keys: readonly string[] = [];
  let pieces: readonly Piece[] | undefined;
  return (row) => {
    const own: Readonly<Record<string, unknown>> = compared
      ? { ...scoresOf(row), rule_tag: compared.ruleTagOf(row) }
      : scoresOf(row);
    const ownKeys = Object.keys(own);
    if (pieces === undefined || !isSame(keys, ownKeys)) {
      keys = ownKeys;
      pieces = piecesOf(columns, ownKeys);
    }
    let text = '';
    for (const { head, values, key } of pieces)
      text += head + (values === null ? canonicalJson(own[key]) : numberText(values[row]!));
    return text === '' ? '{}' : `${text}}`;
  };
}

/** Days, counts and marks are most of what is written. */
const smallNumbers = Array.from({ length: 1_000 }, (_, number) => String(number));

/** As `canonicalJson` spells it, whose caution takes most of its time; null for what is no number. */
function numberText(value: number): string {
  if (value >>> 0 === value && value < smallNumbers.length) return smallNumbers[value]!;
  return Number.isFinite(value) ? String(value) : 'null';
}

/** A key of the method stands before a column of the same name. */
function piecesOf(columns: Source['columns'], ownKeys: readonly string[]): Piece[] {
  const valuesOf = new Map<string, Float64Array | null>(columns.map(({ name, values }) => [name, values]));
  for (const key of ownKeys) valuesOf.set(key, null);
  return [...valuesOf]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, values], i) => ({ head: `${i === 0 ? '{' : ','}${JSON.stringify(key)}:`, values, key }));
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((key, i) => key === right[i]);
}
