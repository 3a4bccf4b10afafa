import type { RowOperand, RowPredicate } from './expression.ts';
import { named, parseExpression, type Cursor, type Grammar, type Parsed } from './parser.ts';

/** Words that cannot be a column's bare name; in double quotes they can. */
const keywords = new Set(['and', 'or', 'not', 'between', 'in', 'is', 'null', 'true', 'false', 'among']);

/** How a condition on one customer is written; for operands that hold such a condition. */
export const rowGrammar: Grammar<RowOperand> = {
  operand(cursor) {
    const { start, end } = cursor.peek();
    return { column: columnName(cursor), span: { start, end } };
  },
  soft: false,
  literals: true,
};

/**
 * Parses a condition on one customer: comparisons of columns with numbers, `'text'`, true or false,
 * `between … and …`, `in (…)`, `is null`, joined with and, or, not and parentheses.
 */
export function parseRowPredicate(text: string): Parsed<RowPredicate> {
  return parseExpression(text, rowGrammar);
}

/** A column's name: a word, or anything in double quotes. */
export function columnName(cursor: Cursor): string {
  const token = cursor.peek();
  const isName = token.kind === 'name' || (token.kind === 'word' && !keywords.has(token.text.toLowerCase()));
  if (!isName) return cursor.fail(`a column is needed, not ${named(token)}`);
  return cursor.next().text;
}
