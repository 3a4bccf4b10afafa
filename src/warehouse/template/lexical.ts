import type { Dialect } from '../warehouse.ts';

/** A literal, quoted identifier or comment; `end` is undefined when it is not closed. */
export type Opaque = {
  readonly noun: 'quote' | 'comment';
  readonly opener: string;
  readonly closer: string;
  readonly end: number | undefined;
};

/** The literal, quoted identifier or comment that starts at `start` by the rules of an engine, if one does. */
export function opaqueAt(text: string, start: number, dialect: Dialect): Opaque | undefined {
  switch (text[start]) {
    case "'":
      return quoteAt(text, start, dialect === 'mysql' || isEscapeString(text, start));
    case '"':
      return quoteAt(text, start, dialect === 'mysql');
    case '`':
      return dialect === 'mysql' ? quoteAt(text, start, false) : undefined;
    case '$':
      return dialect === 'mysql' ? undefined : dollarQuoteAt(text, start);
    case '-':
      return isDashComment(text, start, dialect) ? lineComment(text, start, '--') : undefined;
    case '#':
      return dialect === 'mysql' ? lineComment(text, start, '#') : undefined;
    case '/':
      return text[start + 1] === '*' ? blockComment(text, start, dialect !== 'mysql') : undefined;
    default:
      return undefined;
  }
}

/** `E'…'` of PostgreSQL, Vertica and DuckDB, in which a backslash escapes. */
function isEscapeString(text: string, start: number): boolean {
  return /^(.*[^\w$\u0080-\uffff])?e$/is.test(text.slice(Math.max(0, start - 2), start));
}

function quoteAt(text: string, start: number, backslashEscapes: boolean): Opaque {
  const mark = text.charAt(start);
  const closed = (end: number | undefined): Opaque => ({ noun: 'quote', opener: mark, closer: mark, end });
  for (let i = start + 1; i < text.length; i++) {
    if (backslashEscapes && text[i] === '\\') i++;
    else if (text[i] === mark && text[i + 1] === mark) i++;
    else if (text[i] === mark) return closed(i + 1);
  }
  return closed(undefined);
}

function dollarQuoteAt(text: string, start: number): Opaque | undefined {
  const pattern = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
  pattern.lastIndex = start;
  const opener = pattern.exec(text)?.[0];
  if (opener === undefined) return undefined;
  const close = text.indexOf(opener, start + opener.length);
  return { noun: 'quote', opener, closer: opener, end: close === -1 ? undefined : close + opener.length };
}

/** In MySQL `a--1` subtracts: two dashes start a comment only before a blank. */
function isDashComment(text: string, start: number, dialect: Dialect): boolean {
  return text[start + 1] === '-' && (dialect !== 'mysql' || /^\s?$/.test(text.charAt(start + 2)));
}

function lineComment(text: string, start: number, opener: string): Opaque {
  const lineEnd = text.indexOf('\n', start);
  return { noun: 'comment', opener, closer: '', end: lineEnd === -1 ? text.length : lineEnd };
}

function blockComment(text: string, start: number, nests: boolean): Opaque {
  const comment = { noun: 'comment', opener: '/*', closer: '*/' } as const;
  let depth = 0;
  for (let i = start; i < text.length - 1; i++) {
    const pair = text.slice(i, i + 2);
    if (pair === '/*' && (nests || depth === 0)) depth++;
    else if (pair === '*/') depth--;
    else continue;
    i++;
    if (depth === 0) return { ...comment, end: i + 1 };
  }
  return { ...comment, end: undefined };
}
