import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NumericColumn } from '../../../src/analysis/matrix.ts';
import { growTree, predict } from '../../../src/analysis/tree/grow.ts';
import { fitSurrogate } from '../../../src/analysis/tree/surrogate.ts';
import { leavesOf, treeToSql } from '../../../src/analysis/tree/texts.ts';
import { drawPopulation } from '../../support/populations.ts';

function columnsOf(...values: readonly (readonly number[])[]): NumericColumn[] {
  return values.map((column, i) => ({ name: 'xyz'[i]!, values: Float64Array.from(column) }));
}

function grow(
  columns: NumericColumn[],
  labels: readonly number[],
  options: { maxDepth?: number; minLeaf?: number } = {},
) {
  const rows = Uint32Array.from(labels.keys());
  const classCount = Math.max(...labels) + 1;
  return growTree({ columns, labels: Int32Array.from(labels), classCount, rows, maxDepth: 3, minLeaf: 1, ...options });
}

describe('a classification tree', () => {
  const columns = columnsOf([1, 2, 3, 10, 11, 12], [5, 5, 5, 1, 9, 9]);

  it('splits in the middle between neighbours, where the parts become purest', () => {
    expect(grow(columns, [0, 0, 0, 1, 2, 2])).toEqual({
      kind: 'split',
      column: 'x',
      threshold: 6.5,
      left: { kind: 'leaf', label: 0, counts: [3, 0, 0] },
      right: {
        kind: 'split',
        column: 'x',
        threshold: 10.5,
        left: { kind: 'leaf', label: 1, counts: [0, 1, 0] },
        right: { kind: 'leaf', label: 2, counts: [0, 0, 2] },
      },
    });
  });

  it('stops at its depth and at the smallest leaf, and makes no split that changes nothing', () => {
    expect(grow(columns, [0, 0, 0, 1, 2, 2], { maxDepth: 0 })).toEqual({ kind: 'leaf', label: 0, counts: [3, 1, 2] });
    expect(grow(columns, [0, 0, 0, 1, 2, 2], { minLeaf: 3 })).toMatchObject({ right: { kind: 'leaf', label: 2 } });
    expect(grow(columnsOf([4, 4, 4]), [0, 1, 1])).toMatchObject({ kind: 'leaf', label: 1 });
    expect(grow(columnsOf([1, 2, 3]), [0, 0, 0])).toMatchObject({ kind: 'leaf' });
  });

  it('finds at its root the least Gini impurity that any threshold gives', () => {
    const value = fc.integer({ min: 0, max: 9 });
    const row = fc.tuple(value, value, fc.integer({ min: 0, max: 2 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 30 }), (rows) => {
        const table = columnsOf(
          rows.map(([x]) => x),
          rows.map(([, y]) => y),
        );
        const labels = rows.map(([, , label]) => label);
        const tree = grow(table, labels, { maxDepth: 1 });
        const impurityOf = (isLeft: (i: number) => boolean): number => {
          const gini = (members: number[]): number =>
            members.length -
            [0, 1, 2].reduce((sum, c) => sum + members.filter((m) => m === c).length ** 2, 0) /
              Math.max(1, members.length);
          return gini(labels.filter((_, i) => isLeft(i))) + gini(labels.filter((_, i) => !isLeft(i)));
        };
        const all = table.flatMap(({ values }) => [...values].map((cut) => impurityOf((i) => values[i]! <= cut)));
        const least = Math.min(
          impurityOf(() => true),
          ...all,
        );
        const found =
          tree.kind === 'leaf'
            ? impurityOf(() => true)
            : impurityOf((i) => table.find(({ name }) => name === tree.column)!.values[i]! <= tree.threshold);
        expect(found).toBeCloseTo(least, 9);
      }),
    );
  });

  it('reads as sentences and as SQL', () => {
    const tree = grow(columns, [0, 0, 0, 1, 2, 2]);
    const segments = ['low', "o'ne", 'high'];
    expect(leavesOf(tree, segments).map(({ segment, sentence, rows }) => `${segment}: ${sentence} (${rows})`)).toEqual([
      'low: x up to 6.5 (3)',
      "o'ne: x above 6.5 and up to 10.5 (1)",
      'high: x above 10.5 (2)',
    ]);
    expect(treeToSql(tree, { segments, quote: (name) => `"${name}"` })).toBe(
      `CASE WHEN "x" IS NULL THEN NULL ELSE CASE WHEN "x" <= 6.5e+0 THEN 'low' ELSE CASE WHEN "x" <= 1.05e+1 THEN 'o''ne' ELSE 'high' END END END`,
    );
  });
});

describe('a surrogate of segments', () => {
  const { recencyDays, value, groups } = drawPopulation({ seed: 3 });
  const names = [...new Set(groups)];
  const labels = Int32Array.from(groups, (group) => names.indexOf(group));
  const input = {
    columns: [
      { name: 'recency_days', values: recencyDays },
      { name: 'value', values: value },
    ],
    labels,
    classCount: 4,
    seed: 1,
  };

  it('learns from 70 % of each segment and is measured on the rest', () => {
    const surrogate = fitSurrogate(input)!;
    const sizes = names.map((_, i) => labels.filter((label) => label === i).length);
    expect(surrogate.trainRows).toBe(sizes.reduce((sum, size) => sum + Math.round(0.7 * size), 0));
    expect(surrogate.confusion.map((row) => row.reduce((sum, count) => sum + count, 0))).toEqual(
      sizes.map((size) => size - Math.round(0.7 * size)),
    );
    const hits = surrogate.confusion.reduce((sum, row, i) => sum + row[i]!, 0);
    expect(surrogate.fidelityTest).toBeCloseTo(hits / surrogate.testRows, 12);
    // The groups differ by these two columns, so that three questions tell nearly all of them apart.
    expect(surrogate.fidelityTest).toBeGreaterThan(0.95);
    expect(leavesOf(surrogate.tree, names).every(({ rows }) => rows >= 20)).toBe(true);
  });

  it('is the same for the same seed, and leaves out rows that are not to be explained', () => {
    expect(fitSurrogate(input)).toEqual(fitSurrogate(input));
    const some = labels.map((label, i) => (i % 2 === 0 ? -1 : label));
    expect(fitSurrogate({ ...input, labels: some })!.trainRows).toBeLessThan(fitSurrogate(input)!.trainRows * 0.55);
    expect(fitSurrogate({ ...input, labels: labels.map(() => -1) })).toBeNull();
  });

  it('says of each customer what its tree says', () => {
    const { tree } = fitSurrogate(input)!;
    expect(predict(tree, input.columns, 0)).toBe(labels[0]);
  });
});
