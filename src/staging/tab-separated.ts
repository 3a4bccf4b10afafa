import type { Value } from './engine.ts';

const bufferBytes = 65_536;
const special = /[\\\t\n\r\0]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' };

/** Rows as COPY and LOAD DATA take them: a tab between fields, a line per row, `\N` for null; in buffers of some 64 KB. */
export function* tabSeparated(rows: Iterable<readonly Value[]>): Generator<Buffer> {
  let text = '';
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) text += i === 0 ? field(row[i]!) : `\t${field(row[i]!)}`;
    text += '\n';
    if (text.length < bufferBytes) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

function field(value: Value): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  return special.test(value) ? escaped(value) : value;
}

function escaped(text: string): string {
  let escapedText = '';
  for (const character of text) escapedText += escapes[character] ?? character;
  return escapedText;
}
