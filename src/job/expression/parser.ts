import type { Range } from '../mistake.ts';
import type { Comparator, Expression, Literal } from './expression.ts';
import { ExpressionFailure, tokensOf, type ExpressionMistake, type Token } from './tokens.ts';

export type Parsed<Value> = { readonly value: Value } | { readonly mistake: ExpressionMistake };

/** Reads tokens one by one; `fail` points at the token it stands before. */
export type Cursor = {
  readonly next: () => Token;
  readonly peek: () => Token;
  /** Where the last token taken ends. */
  readonly end: () => number;
  /** Takes the token if it is this word or symbol. */
  readonly accept: (text: string) => boolean;
  readonly expect: (text: string, what: string) => void;
  readonly fail: (message: string, suggestion?: string, span?: Range) => never;
};

export type Grammar<Operand> = {
  readonly operand: (cursor: Cursor) => Operand;
  /** Allows `~ width` behind a number. */
  readonly soft: boolean;
  /** Allows text, true and false, `in` and `is null` besides numbers. */
  readonly literals: boolean;
};

const comparators: Readonly<Record<string, Comparator>> = {
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '=': '==',
  '==': '==',
  '!=': '!=',
  '<>': '!=',
};

/** Parses a whole text by a grammar; never runs any of it. */
export function parseExpression<Operand>(text: string, grammar: Grammar<Operand>): Parsed<Expression<Operand>> {
  try {
    const cursor = cursorOver(tokensOf(text));
    if (cursor.peek().kind === 'end') cursor.fail('the condition is empty');
    const value = parseOr(cursor, grammar);
    if (cursor.peek().kind !== 'end')
      cursor.fail(`${named(cursor.peek())} follows a complete condition`, 'join with and, or');
    return { value };
  } catch (error) {
    if (error instanceof ExpressionFailure) return { mistake: error.mistake };
    throw error;
  }
}

function cursorOver(tokens: readonly Token[]): Cursor {
  let at = 0;
  const peek = (): Token => tokens[at]!;
  const next = (): Token => tokens[at < tokens.length - 1 ? at++ : at]!;
  const end = (): number => tokens[at - 1]?.end ?? 0;
  const fail = (message: string, suggestion?: string, span?: Range): never => {
    const { start, end: stop } = span ?? peek();
    throw new ExpressionFailure({ message, suggestion, span: { start, end: stop } });
  };
  const accept = (text: string): boolean => {
    const { kind, text: found } = peek();
    const matches = kind === 'word' ? found.toLowerCase() === text : kind === 'symbol' && found === text;
    if (matches) next();
    return matches;
  };
  const expect = (text: string, what: string): void => {
    if (!accept(text)) fail(`${what} is missing before ${named(peek())}`, `write ${text}`);
  };
  return { next, peek, end, accept, expect, fail };
}

/** A condition down to the next `)` or the end; for operands that hold conditions themselves. */
export function parseOr<Operand>(cursor: Cursor, grammar: Grammar<Operand>): Expression<Operand> {
  return parseJoined(cursor, 'or', () => parseJoined(cursor, 'and', () => parseNot(cursor, grammar)));
}

function parseJoined<Operand>(
  cursor: Cursor,
  kind: 'and' | 'or',
  part: () => Expression<Operand>,
): Expression<Operand> {
  const parts = [part()];
  while (cursor.accept(kind)) parts.push(part());
  return parts.length === 1 ? parts[0]! : { kind, parts };
}

function parseNot<Operand>(cursor: Cursor, grammar: Grammar<Operand>): Expression<Operand> {
  if (cursor.accept('not')) return { kind: 'not', part: parseNot(cursor, grammar) };
  if (!cursor.accept('(')) return parseAtom(cursor, grammar);
  const inner = parseOr(cursor, grammar);
  cursor.expect(')', 'a closing parenthesis');
  return inner;
}

function parseAtom<Operand>(cursor: Cursor, grammar: Grammar<Operand>): Expression<Operand> {
  const { start } = cursor.peek();
  const operand = grammar.operand(cursor);
  const spanTo = (): Range => ({ start, end: cursor.end() });
  if (cursor.accept('between')) {
    const low = numberOf(cursor);
    cursor.expect('and', 'the upper bound');
    const high = numberOf(cursor);
    const width = widthOf(cursor, grammar);
    const span = spanTo();
    if (low > high) cursor.fail(`nothing lies between ${low} and ${high}`, 'write the lower bound first', span);
    return { kind: 'between', operand, low, high, width, span };
  }
  if (grammar.literals && cursor.accept('is')) {
    const negated = cursor.accept('not');
    cursor.expect('null', 'null');
    const isNull = { kind: 'is_null', operand, span: spanTo() } as const;
    return negated ? { kind: 'not', part: isNull } : isNull;
  }
  if (grammar.literals && cursor.accept('in')) {
    const values = listOf(cursor);
    return { kind: 'in', operand, values, span: spanTo() };
  }
  const comparator = cursor.peek().kind === 'symbol' ? comparators[cursor.peek().text] : undefined;
  if (comparator === undefined)
    return cursor.fail(`a comparison is missing before ${named(cursor.peek())}`, 'one of < <= > >= == != between');
  cursor.next();
  const value = grammar.literals ? literalOf(cursor) : numberOf(cursor);
  const width = typeof value === 'number' ? widthOf(cursor, grammar) : 0;
  return { kind: 'compare', operand, comparator, value, width, span: spanTo() };
}

function widthOf<Operand>(cursor: Cursor, { soft }: Grammar<Operand>): number {
  const { start } = cursor.peek();
  if (!cursor.accept('~')) return 0;
  if (!soft) cursor.fail('a soft threshold has no meaning for single customers', 'remove ~', { start, end: start + 1 });
  const { start: at, end } = cursor.peek();
  const width = numberOf(cursor);
  if (width <= 0) cursor.fail('a soft threshold needs a width above 0', undefined, { start: at, end });
  return width;
}

function listOf(cursor: Cursor): Literal[] {
  cursor.expect('(', 'a list');
  const values = [literalOf(cursor)];
  while (cursor.accept(',')) values.push(literalOf(cursor));
  cursor.expect(')', 'a closing parenthesis');
  return values;
}

function literalOf(cursor: Cursor): Literal {
  if (cursor.peek().kind === 'text') return cursor.next().text;
  if (cursor.accept('true')) return true;
  if (cursor.accept('false')) return false;
  return numberOf(cursor);
}

function numberOf(cursor: Cursor): number {
  const sign = cursor.accept('-') ? -1 : 1;
  const token = cursor.peek();
  if (token.kind !== 'number') {
    const isWord = token.kind === 'word' || token.kind === 'name';
    return cursor.fail(
      `a number is needed, not ${named(token)}`,
      isWord ? "text stands in 'single quotes'" : undefined,
    );
  }
  cursor.next();
  const percent = token.text.endsWith('%');
  const value = percent ? Number(token.text.slice(0, -1)) / 100 : Number(token.text);
  if (!Number.isFinite(value)) cursor.fail('this number is too large', undefined, token);
  // Never -0, which prints like 0.
  return sign * value + 0;
}

/** A token as a message quotes it. */
export function named({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : `"${text}"`;
}
