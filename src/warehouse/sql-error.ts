import { SegtagError, type ErrorCode } from '../errors.ts';
import { placeholder } from './template/compile-statement.ts';
import type { Dialect, Statement } from './warehouse.ts';

/** What an engine says about a statement that it refused. */
export type Rejection = {
  readonly code: ErrorCode;
  /** The engine's words, already free of values from rows. */
  readonly message: string;
  readonly sqlState?: string | undefined;
  /** Where in the compiled SQL, in UTF-16 code units from 0. */
  readonly offset?: number | undefined;
  readonly remedy?: string | undefined;
};

/** The error for a refused statement, placed in the template's file. It has no cause: a driver's error may quote rows. */
export function rejected(rejection: Rejection, statement: Statement, dialect: Dialect): SegtagError {
  const { code, message, sqlState, offset } = rejection;
  const state = sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`;
  return new SegtagError(code, {
    where: offset === undefined ? statement.file : positionInFile(statement, dialect, offset),
    what: `The warehouse refused the statement: ${message.trim().replace(/\.$/, '')}${state}.`,
    remedy: rejection.remedy ?? (code === 'E_GRANT_MISSING' ? grantRemedy : sqlRemedy),
  });
}

const grantRemedy = 'Grant the warehouse user SELECT on it (and USAGE on its schema); it needs nothing more.';
const sqlRemedy = 'Correct the SQL; `segtag render` shows the statement as it is sent.';

/** `file:line:column` in the template of an offset in the compiled SQL, which numbers its placeholders. */
export function positionInFile(statement: Statement, dialect: Dialect, offset: number): string {
  const source = sourceOffset(statement, dialect, offset);
  const origin = statement.origins?.findLast((candidate) => candidate.offset <= source);
  const { line, column, offset: start } = origin ?? { line: 1, column: 1, offset: 0 };
  const between = statement.sql.slice(start, source).replaceAll(String.raw`\?`, '?');
  const breaks = between.split('\n').length - 1;
  const inLine = between.length - (between.lastIndexOf('\n') + 1);
  return `${statement.file}:${line + breaks}:${breaks === 0 ? column + inLine : inLine + 1}`;
}

const mark = /\\\?|\?/g;

/** Compiling changes the length of marks alone: what lies between them is copied. */
function sourceOffset(statement: Statement, dialect: Dialect, offset: number): number {
  let [source, compiled, bound] = [0, 0, 0];
  for (const match of statement.sql.matchAll(mark)) {
    compiled += match.index - source;
    source = match.index;
    if (offset < compiled) break;
    const length = match[0] === '?' ? placeholder(dialect, ++bound).length : 1;
    if (offset < compiled + length) return source;
    compiled += length;
    source += match[0].length;
  }
  return source + offset - compiled;
}

/** UTF-16 code units in front of the n-th character of a text, as servers count them. */
export function codeUnitsBefore(text: string, characters: number): number {
  return [...text].slice(0, characters).join('').length;
}

/** Takes out whatever stands in quotation marks, which in a message about data is somebody's data. */
export function withoutQuoted(message: string): string {
  return message.replace(/(["']).*\1/s, '…');
}
