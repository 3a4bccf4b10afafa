import type { ProfileOperand, ProfilePredicate, Statistic } from './expression.ts';
import { named, parseExpression, parseOr, type Cursor, type Grammar, type Parsed } from './parser.ts';
import { columnName, rowGrammar } from './row-predicate.ts';

const statistics = ['mean', 'median', 'min', 'max', 'pct', 'index', 'z'] as const;
const statisticList = `one of ${statistics.join(', ')}, or a percentile such as p90`;

const profileGrammar: Grammar<ProfileOperand> = { operand: parseOperand, soft: true, literals: false };

/**
 * Parses a condition on one cluster: `column.median` and other statistics, `rank(column)`, also
 * `among (condition)`, `share(condition on customers)`, `size_share`, `revenue_share`, compared with
 * numbers, each with a width behind `~` if the threshold is soft.
 */
export function parseProfilePredicate(text: string): Parsed<ProfilePredicate> {
  return parseExpression(text, profileGrammar);
}

function parseOperand(cursor: Cursor): ProfileOperand {
  const { start } = cursor.peek();
  const operand = operandAt(cursor);
  return { ...operand, span: { start, end: cursor.end() } };
}

type Unplaced<Operand> = Operand extends unknown ? Omit<Operand, 'span'> : never;

function operandAt(cursor: Cursor): Unplaced<ProfileOperand> {
  const token = cursor.peek();
  const column = columnName(cursor);
  if (token.kind === 'word') {
    const word = token.text.toLowerCase();
    if (word === 'size_share' || word === 'revenue_share') return { kind: word };
    if (word === 'rank' && cursor.accept('(')) return parseRank(cursor);
    if (word === 'share' && cursor.accept('(')) {
      const of = parseOr(cursor, rowGrammar);
      cursor.expect(')', 'a closing parenthesis');
      return { kind: 'share', of };
    }
  }
  if (!cursor.accept('.'))
    cursor.fail(`which figure of "${column}" is meant?`, `write ${column}.median, or ${statisticList}`, token);
  return { kind: 'statistic', column, statistic: parseStatistic(cursor) };
}

function parseRank(cursor: Cursor): Unplaced<ProfileOperand> {
  const column = columnName(cursor);
  cursor.expect(')', 'a closing parenthesis');
  if (!cursor.accept('among')) return { kind: 'rank', column, among: null };
  cursor.expect('(', 'a condition on clusters in parentheses');
  const among = parseOr(cursor, profileGrammar);
  cursor.expect(')', 'a closing parenthesis');
  return { kind: 'rank', column, among };
}

function parseStatistic(cursor: Cursor): Statistic {
  const token = cursor.peek();
  const known = statistics.find((statistic) => statistic === token.text);
  const percentile = /^p(\d{1,2})$/.exec(token.text)?.[1];
  if (token.kind !== 'word' || (known === undefined && percentile === undefined))
    return cursor.fail(`${named(token)} is not a statistic`, statisticList);
  cursor.next();
  return known ?? { p: Number(percentile) / 100 };
}
