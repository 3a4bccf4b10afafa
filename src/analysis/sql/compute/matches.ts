import type { CustomerRule } from '../../../job/rules/schema.ts';
import { conditionSql, type ConditionOptions } from '../condition.ts';
import { quoteName } from '../dialect.ts';
import { foundColumn, idBytes, type CustomerRows } from './customer-rows.ts';

/** The columns of every row of the query, in the order of ids, and the number from 1 of the first rule that holds; NULL for none. */
export function matchAssignment(
  { dialect, customerId, customersSql }: CustomerRows,
  {
    rules,
    columns,
    types,
  }: {
    readonly rules: readonly CustomerRule[];
    readonly columns: readonly string[];
    readonly types: ConditionOptions['columns'];
  },
): string {
  const branches = rules.map(({ when }, i) => `WHEN ${conditionSql(when, { dialect, columns: types })} THEN ${i + 1}`);
  const names = columns.map((name) => quoteName(name, dialect));
  const found = `CASE ${branches.join(' ')} END AS ${foundColumn}`;
  return `SELECT ${[...names, found].join(', ')}\nFROM (\n${customersSql}\n) t\nORDER BY ${idBytes(customerId, dialect)}`;
}
