import type { Token } from './scan-template.ts';

/**
 * Puts Vertica's LABEL hint behind the SELECT that a query starts with, or behind the main SELECT of a
 * `with` query; says where it stands. Any other query, and one that has a hint there already, stays as it is: a label is a help
 * for the database's administrator and never worth a changed meaning.
 */
export function insertLabel(
  text: string,
  tokens: readonly Token[],
  parts: string[],
  label: string,
): Inserted | undefined {
  const place = mainSelect(text, tokens);
  if (!place) return undefined;
  const next = tokens[place.token + 1];
  const code = parts[place.token] ?? '';
  const hasHint = next?.kind === 'comment' && text.startsWith('/*+', next.start);
  if (hasHint && code.slice(place.offset).trim() === '') return undefined;
  const hint = ` /*+ LABEL('${label.replaceAll(/\W/g, '_')}') */`;
  parts[place.token] = code.slice(0, place.offset) + hint + code.slice(place.offset);
  return { ...place, length: hint.length };
}

/** What was put into a token's text, at this offset of it. */
export type Inserted = Place & { readonly length: number };

type Place = { readonly token: number; readonly offset: number };

/** Vertica has no question mark in code, so a token of code is written as it stands and offsets hold. */
function mainSelect(text: string, tokens: readonly Token[]): Place | undefined {
  let depth = 0;
  let isFirstWord = true;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'code') continue;
    const code = text.slice(token.start, token.end);
    for (const match of code.matchAll(/[A-Za-z_][\w$]*|[()]/g)) {
      const word = match[0].toLowerCase();
      if (word === '(') depth++;
      else if (word === ')') depth--;
      if (isFirstWord && word !== 'select' && word !== 'with') return undefined;
      if (depth === 0 && word === 'select') return { token: index, offset: match.index + match[0].length };
      isFirstWord = false;
    }
  }
  return undefined;
}
