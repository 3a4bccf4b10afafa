import { codesOf, rowsAmong, rowsWhere } from '../../frame/rows.ts';
import type { NumericColumn } from '../matrix.ts';
import { stratifiedSample } from '../silhouette.ts';

/** One customer as a dot: its group, and both values to three digits. */
type ScatterDot = readonly [group: number, x: number, y: number];

/** Some customers by two of their columns, without anything that names them. */
export type ScatterSample = {
  readonly x: string;
  readonly y: string;
  /** Customers that could be drawn, of whom `dots` are a sample. */
  readonly customers: number;
  /** Customers without a finite x, or without a y above 0, where a logarithm ends. */
  readonly left_out: number;
  readonly dots: readonly ScatterDot[];
};

type ScatterInput = {
  readonly x: NumericColumn;
  readonly y: NumericColumn;
  /** A group per customer; -1 for one in none. */
  readonly groupOf: Int32Array;
  readonly groupCount: number;
  /** Groups of fewer customers give no dots: they would tell of single ones. */
  readonly leastGroup: number;
  readonly size: number;
  readonly seed: number;
};

/**
 * A sample of about `size` customers, drawn from each group in proportion to its size and at least two
 * from each. Seeded: the same customers and seed give the same dots, in the order of the rows.
 */
export function sampleScatter(input: ScatterInput): ScatterSample {
  const { x, y, groupOf, groupCount, leastGroup, size, seed } = input;
  const isDrawable = (row: number): boolean =>
    groupOf[row]! >= 0 && Number.isFinite(x.values[row]) && Number.isFinite(y.values[row]) && y.values[row]! > 0;
  const rows = rowsWhere(groupOf.length, isDrawable);
  const sizes = new Float64Array(groupCount);
  for (const row of rows) sizes[groupOf[row]!]! += 1;
  const shown = rowsAmong(rows, (row) => sizes[groupOf[row]!]! >= leastGroup);
  const groups = codesOf(groupOf, shown);
  const sample = stratifiedSample(groups, groupCount, { size, seed });
  return {
    x: x.name,
    y: y.name,
    customers: shown.length,
    left_out: groupOf.length - shown.length,
    dots: Array.from(sample, (i) => {
      const row = shown[i]!;
      return [groups[i]!, threeDigits(x.values[row]!), threeDigits(y.values[row]!)];
    }),
  };
}

function threeDigits(value: number): number {
  return Number(value.toPrecision(3));
}
