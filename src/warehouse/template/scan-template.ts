import { mistakeAt, type Mistake, type Range, type SourceText } from '../../job/mistake.ts';
import type { Dialect } from '../warehouse.ts';
import { opaqueAt, type Opaque } from './lexical.ts';

/**
 * A stretch of a template. `value` is `:name`, `identifier` is `:name:`, `colon` is an escaped `\:`;
 * `quote` holds literals and quoted identifiers. The stretches of a template put together are its text.
 */
export type Token = Range & {
  readonly kind: 'code' | 'quote' | 'comment' | 'value' | 'identifier' | 'colon' | 'semicolon';
  /** The parameter's name; empty for other kinds. */
  readonly name: string;
};

export type Scanned = { readonly tokens: readonly Token[]; readonly mistakes: readonly Mistake[] };

/** Splits a template by the lexical rules of its engine, so that nothing inside quotes or comments is touched. */
export function scanTemplate(source: SourceText, dialect: Dialect): Scanned {
  const tokens: Token[] = [];
  const mistakes: Mistake[] = [];
  const report = (range: Range, message: string, suggestion?: string): void => {
    mistakes.push(mistakeAt(source, { range, path: '', message, suggestion }));
  };
  let offset = 0;
  while (offset < source.text.length) {
    const token = tokenAt(source.text, offset, dialect, report);
    const last = tokens.at(-1);
    if (token.kind === 'code' && last?.kind === 'code') tokens[tokens.length - 1] = { ...last, end: token.end };
    else tokens.push(token);
    offset = token.end;
  }
  if (mistakes.length === 0) statementRules(source.text, tokens, report);
  return { tokens, mistakes };
}

/** A source whose text may be shown as it is: templates hold no secrets. */
export function templateSource(file: string, text: string): SourceText {
  return { file, text, shown: text };
}

type Report = (range: Range, message: string, suggestion?: string) => void;

const parameterPattern = /:([A-Za-z_][A-Za-z0-9_]*)/y;
const wordPattern = /[A-Za-z_0-9\u0080-\uffff][\w$\u0080-\uffff]*/y;

function tokenAt(text: string, start: number, dialect: Dialect, report: Report): Token {
  const found = opaqueAt(text, start, dialect);
  if (found) return opaqueToken(text, start, found, report);
  const as = (kind: Token['kind'], length: number, name = ''): Token => ({ kind, start, end: start + length, name });
  if (text.startsWith('\\:', start)) return as('colon', 2);
  if (text.startsWith('::', start)) return as('code', 2);
  if (text[start] === ';') return as('semicolon', 1);
  const parameter = matchAt(parameterPattern, text, start);
  if (parameter) return parameterToken(text, start, parameter.slice(1));
  const word = matchAt(wordPattern, text, start);
  if (word) return as('code', word.length);
  placeholderRules(text, start, dialect, report);
  return as('code', 1);
}

/** `:a:` names an identifier and `:a::text` is a value with a cast, so the colons behind a name are counted. */
function parameterToken(text: string, start: number, name: string): Token {
  const end = start + 1 + name.length;
  const colons = /^:*/.exec(text.slice(end, end + 3))?.[0].length ?? 0;
  return colons % 2 === 1 ? { kind: 'identifier', start, end: end + 1, name } : { kind: 'value', start, end, name };
}

function opaqueToken(text: string, start: number, found: Opaque, report: Report): Token {
  const end = found.end ?? text.length;
  if (found.end === undefined)
    report({ start, end: start + found.opener.length }, `this ${found.noun} is not closed`, `add ${found.closer}`);
  return { kind: found.noun === 'comment' ? 'comment' : 'quote', start, end, name: '' };
}

/** `?` and `$1` would be taken for bindings by the server. Only PostgreSQL has operators with a question mark. */
function placeholderRules(text: string, start: number, dialect: Dialect, report: Report): void {
  const placeholder = matchAt(/\?|\$\d+/y, text, start);
  if (placeholder === undefined || (placeholder === '?' && dialect === 'postgres')) return;
  report({ start, end: start + placeholder.length }, `${placeholder} is not how parameters are written`, 'write :name');
}

function statementRules(text: string, tokens: readonly Token[], report: Report): void {
  const isCode = (token: Token): boolean =>
    token.kind === 'code'
      ? text.slice(token.start, token.end).trim() !== ''
      : !['comment', 'semicolon'].includes(token.kind);
  const first = tokens.findIndex((token) => token.kind === 'semicolon');
  const semicolon = tokens[first];
  if (!tokens.some(isCode)) report({ start: 0, end: 1 }, 'the file holds no statement');
  else if (semicolon && tokens.slice(first).some(isCode))
    report(semicolon, 'a template holds one statement; another follows here', 'remove it, or move it to another file');
}

function matchAt(pattern: RegExp, text: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0];
}
