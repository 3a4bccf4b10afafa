import { namesType, type Token } from './lexer.ts';
import { syntaxError, WireError } from './wire-error.ts';

type Refusal = readonly [phrase: string, error: (token: Token) => WireError];

const atToken = (token: Token): WireError => syntaxError(token.text, token.start + 1);
const noSuchFunction = (token: Token): WireError =>
  new WireError('42883', `Function ${token.text} does not exist, or permission is denied for ${token.text}`);
const noSuchType = (token: Token): WireError => new WireError('42704', `Type "${token.text}" does not exist`);
const noLocks = (): WireError =>
  new WireError('25006', 'SELECT FOR UPDATE cannot be executed in a read-only transaction');

/** What PostgreSQL or DuckDB would take and Vertica doesn't. A phrase is words and symbols with blanks between them. */
const refusals: readonly Refusal[] = [
  ...[
    'returning',
    'on conflict',
    'distinct on (',
    'qualify',
    'pivot',
    'unpivot',
    'exclude (',
    'filter (',
    'group by all',
    'order by all',
    'using sample',
    'positional join',
    'asof join',
    '->',
    '->>',
    '{',
  ].map((phrase) => [phrase, atToken] as const),
  ...[
    'try_cast (',
    'generate_series (',
    'range (',
    'unnest (',
    'read_csv (',
    'read_csv_auto (',
    'read_parquet (',
    'read_json (',
    'string_agg (',
    'list (',
    'struct_pack (',
    'arg_max (',
    'arg_min (',
    'mode (',
    'quantile_cont (',
    'strftime (',
    'json_extract (',
    'array_to_string (',
    'to_months (',
    'epoch_ms (',
  ].map((phrase) => [phrase, noSuchFunction] as const),
  ['for update', noLocks],
];

const phrases = refusals.map(([phrase, error]) => ({ words: phrase.split(' '), error }));

/** Throws as Vertica would at the first piece that it doesn't know. */
export function refuse(tokens: readonly Token[]): void {
  for (const [i, token] of tokens.entries()) {
    if (token.kind === 'symbol' && (token.text.startsWith('$') || token.text === ':')) throw atToken(token);
    for (const { words, error } of phrases)
      if (words.every((word, j) => matches(tokens[i + j], word))) throw error(token);
    if (otherTypes.has(token.text.toLowerCase()) && namesType(tokens, i)) throw noSuchType(token);
  }
}

const otherTypes = new Set(['jsonb', 'json', 'serial', 'bigserial', 'hugeint', 'struct', 'map']);

function matches(token: Token | undefined, word: string): boolean {
  return token !== undefined && token.kind !== 'string' && token.kind !== 'quoted' && token.text.toLowerCase() === word;
}
