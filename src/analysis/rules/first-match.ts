import type { Column } from '../../frame/column.ts';
import type { CustomerRule } from '../../job/rules/schema.ts';
import { matchRows } from '../expression/match-rows.ts';

/**
 * The index of the first rule that each row satisfies, or -1. Comparisons with a null are as in SQL
 * (`matchRows`), so a customer without a value passes on to the next rule.
 */
export function firstMatch(
  columns: ReadonlyMap<string, Column>,
  rules: readonly CustomerRule[],
  rowCount: number,
): Int32Array {
  const first = new Int32Array(rowCount).fill(-1);
  for (const [index, { when }] of rules.entries()) {
    const marks = matchRows(columns, when, rowCount);
    for (let row = 0; row < rowCount; row++) if (first[row] === -1 && marks[row] === 1) first[row] = index;
  }
  return first;
}
