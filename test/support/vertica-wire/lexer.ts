/** A piece of SQL. `start` counts UTF-16 units from 0. */
export type Token = {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'placeholder';
  readonly text: string;
  readonly start: number;
};

const pieces =
  /(?<skipped>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>[eE]'(?:\\[\s\S]|''|[^'\\])*'|'(?:''|[^'])*')|(?<quoted>"(?:""|[^"])*")|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<number>\d[\d.]*(?:[eE][+-]?\d+)?)|(?<placeholder>\?)|(?<symbol>::!?|->>?|[<>!=]=|<>|\|\||\$\w*|[\s\S])/gu;

/** The pieces of a script without white space and comments. Hints such as LABEL are comments too. */
export function tokens(sql: string): Token[] {
  const found: Token[] = [];
  for (const match of sql.matchAll(pieces)) {
    const groups = match.groups ?? {};
    if (groups.skipped !== undefined) continue;
    const kind = kinds.find((each) => groups[each] !== undefined) ?? 'symbol';
    found.push({ kind, text: match[0], start: match.index });
  }
  return found;
}

const kinds = ['string', 'quoted', 'word', 'number', 'placeholder', 'symbol'] as const;

/** True where the word stands for a type: after `::`, in a CAST, or after a column's name in CREATE TABLE. */
export function namesType(tokens: readonly Token[], i: number): boolean {
  const [token, before] = [tokens[i], tokens[i - 1]];
  if (token?.kind !== 'word' || !before) return false;
  if (before.text === '::') return true;
  if (before.text.toLowerCase() === 'as') return opensCast(tokens, i);
  const statement = tokens[0]?.text.toLowerCase();
  return statement === 'create' && (before.kind === 'word' || before.kind === 'quoted') && i > 3;
}

/** Whether the parenthesis around a piece belongs to CAST. */
function opensCast(tokens: readonly Token[], i: number): boolean {
  let depth = 0;
  for (let at = i - 1; at > 0; at--) {
    if (tokens[at]?.text === ')') depth++;
    else if (tokens[at]?.text === '(' && depth-- === 0) return tokens[at - 1]?.text.toLowerCase() === 'cast';
  }
  return false;
}
