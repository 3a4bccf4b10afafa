import type { Range } from '../mistake.ts';

export type Token = Range & {
  readonly kind: 'word' | 'name' | 'number' | 'text' | 'symbol' | 'end';
  /** As written, without quotes. */
  readonly text: string;
};

/** What is wrong with an expression, and where in its text. */
export type ExpressionMistake = {
  readonly message: string;
  readonly span: Range;
  readonly suggestion?: string | undefined;
};

/** Thrown while an expression is read; the parsers turn it into their result. */
export class ExpressionFailure extends Error {
  readonly mistake: ExpressionMistake;
  constructor(mistake: ExpressionMistake) {
    super(mistake.message);
    this.mistake = mistake;
  }
}

const patterns = [
  ['number', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?%?/y],
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['name', /"(?:[^"]|"")+"/y],
  ['text', /'(?:[^']|'')*'/y],
  ['symbol', /<=|>=|<>|!=|==|[<>=(),~.-]/y],
] as const;

/** The tokens of an expression, and last an `end` behind it. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let start = blanksEnd(text, 0);
  while (start < text.length) {
    const token = tokenAt(text, start);
    tokens.push(token);
    start = blanksEnd(text, token.end);
  }
  return [...tokens, { kind: 'end', text: '', start: text.length, end: text.length }];
}

function tokenAt(text: string, start: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = start;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) continue;
    const end = start + found.length;
    if (kind === 'name') return { kind, text: found.slice(1, -1).replaceAll('""', '"'), start, end };
    if (kind === 'text') return { kind, text: found.slice(1, -1).replaceAll("''", "'"), start, end };
    return { kind, text: found, start, end };
  }
  const open = text[start] === "'" || text[start] === '"';
  throw new ExpressionFailure({
    message: open ? 'this quote is never closed' : `"${text[start]}" has no meaning here`,
    span: { start, end: open ? text.length : start + 1 },
    ...(text[start] === '&' || text[start] === '|' ? { suggestion: 'write and, or, not' } : {}),
  });
}

function blanksEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at]!)) at++;
  return at;
}
