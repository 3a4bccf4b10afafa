import { namesType, tokens, type Token } from './lexer.ts';
import { refuse } from './refusals.ts';
import { syntaxError } from './wire-error.ts';

/** What a statement does to the session: DDL commits, settings are kept by the session, reads and writes go to DuckDB. */
type StatementKind = 'empty' | 'read' | 'write' | 'ddl' | 'begin' | 'commit' | 'rollback' | 'set' | 'copy';

export type Translated = {
  readonly kind: StatementKind;
  /** DuckDB's SQL, with each line where it was. */
  readonly sql: string;
  readonly words: readonly Token[];
  /** Offsets of the question marks in `sql`. */
  readonly placeholders: readonly number[];
};

/** Splits a script at its semicolons. */
export function splitScript(sql: string): string[] {
  const ends = tokens(sql).filter(({ kind, text }) => kind === 'symbol' && text === ';');
  const starts = [0, ...ends.map(({ start }) => start + 1)];
  const parts = starts.map((start, i) => sql.slice(start, ends[i]?.start));
  const statements = parts.filter((part) => tokens(part).length > 0);
  return statements.length === 0 ? [''] : statements;
}

/** Reads one statement as Vertica would, refuses what Vertica refuses, and writes it for DuckDB. */
export function translate(sql: string): Translated {
  const words = tokens(sql);
  const kind = kindOf(words);
  if (kind === 'empty' || kind === 'set' || kind === 'copy') return { kind, sql, words, placeholders: [] };
  refuse(words);
  const rewritten = rewrite(sql, words);
  const placeholders = tokens(rewritten).filter((token) => token.kind === 'placeholder');
  return { kind, sql: rewritten, words, placeholders: placeholders.map(({ start }) => start) };
}

const kindsByFirstWord: ReadonlyMap<string, StatementKind> = new Map([
  ...['select', 'with', '(', 'explain'].map((word) => [word, 'read'] as const),
  ...['insert', 'update', 'delete', 'merge'].map((word) => [word, 'write'] as const),
  ...['create', 'drop', 'alter', 'truncate', 'comment'].map((word) => [word, 'ddl'] as const),
  ...['begin', 'start'].map((word) => [word, 'begin'] as const),
  ...['commit', 'end'].map((word) => [word, 'commit'] as const),
  ...['rollback', 'abort'].map((word) => [word, 'rollback'] as const),
  ['set', 'set'],
  ['copy', 'copy'],
]);

function kindOf(words: readonly Token[]): StatementKind {
  const [first] = words;
  if (!first) return 'empty';
  const kind = kindsByFirstWord.get(first.text.toLowerCase());
  if (!kind) throw syntaxError(first.text, first.start + 1);
  return kind;
}

const dateParts = /^(year|quarter|month|week|day|hour|minute|second)s?$/;

/** Integers have 64 bits in tables only: a date plus or minus a number of days needs 32 of DuckDB. */
const integerNames = new Set(['int', 'integer', 'smallint', 'tinyint', 'int8']);

/** Types as Vertica means them: every float is a double. */
const typeNames: ReadonlyMap<string, string> = new Map([
  ...['float', 'real', 'float8'].map((name) => [name, 'double'] as const),
  ...['varbinary', 'bytea', 'binary', 'raw'].map((name) => [name, 'blob'] as const),
  ['money', 'numeric(18,4)'],
  ['smalldatetime', 'timestamp'],
]);

/** Numbers all identity columns, so that each counts up, with gaps. */
export const identitySequence = 'vertica_wire_identity';

const barePrecision = new Set(['numeric', 'decimal', 'number']);

function rewrite(sql: string, words: readonly Token[]): string {
  let result = '';
  let copied = 0;
  for (const [i, token] of words.entries()) {
    if (token.start < copied) continue;
    const replacement = token.kind === 'word' ? replacementOf(words, i) : undefined;
    if (replacement === undefined) continue;
    const last = words[i + spanOf(words, i) - 1] ?? token;
    result += sql.slice(copied, token.start) + replacement;
    copied = last.start + last.text.length;
  }
  return result + sql.slice(copied);
}

/** How many tokens are replaced at once: `identity ( 1 , 1 )`, `v_catalog . tables`. */
function spanOf(words: readonly Token[], i: number): number {
  const word = words[i]?.text.toLowerCase();
  if (word === 'v_catalog') return 3;
  if (word !== 'identity' || words[i + 1]?.text !== '(') return 1;
  return words.slice(i).findIndex(({ text }) => text === ')') + 1;
}

/** The views of v_catalog that are known, with those of their columns that are. */
const catalogViews: ReadonlyMap<string, string> = new Map([
  ['tables', '(SELECT table_schema, table_name FROM information_schema.tables) AS tables'],
  [
    'columns',
    "(SELECT table_schema, table_name, column_name, lower(data_type) AS data_type, character_maximum_length, is_nullable = 'YES' AS is_nullable, coalesce(column_default, '') AS column_default FROM information_schema.columns) AS columns",
  ],
]);

function replacementOf(words: readonly Token[], i: number): string | undefined {
  const word = words[i]?.text.toLowerCase() ?? '';
  const [before, next] = [words[i - 1]?.text.toLowerCase(), words[i + 1]?.text.toLowerCase()];
  if (word === 'sysdate' && next !== '(') return 'getdate()';
  if (word === 'identity' && words[0]?.text.toLowerCase() === 'create')
    return `bigint DEFAULT nextval('${identitySequence}')`;
  if (word === 'v_catalog' && next === '.') return catalogViews.get(words[i + 2]?.text.toLowerCase() ?? '');
  if (word === 'long' && next?.startsWith('var') && namesType(words, i)) return '';
  if (dateParts.test(word) && before === '(' && next === ',') return `'${word}'`;
  if (!namesType(words, i)) return undefined;
  if (barePrecision.has(word)) return next === '(' ? 'numeric' : 'numeric(37,15)';
  if (integerNames.has(word)) return words[0]?.text.toLowerCase() === 'create' ? 'bigint' : undefined;
  return typeNames.get(word);
}
