import type { Part, SharedRows, Value } from './rows.ts';

const bufferBytes = 65_536;
const special = /[\\\t\n\r\0]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' };

/** Rows as COPY and LOAD DATA take them: a tab between fields, a line per row, `\N` for null; in buffers of some 64 KB. */
export function* tabSeparated(parts: Iterable<Part>): Generator<Buffer> {
  const endings = new WeakMap<SharedRows, readonly string[]>();
  let text = '';
  for (const { own, shared } of parts) {
    const start = fields(own);
    let known = endings.get(shared);
    if (!known) endings.set(shared, (known = shared.map((row) => `\t${fields(row)}\n`)));
    for (const ending of known) text += start + ending;
    if (text.length < bufferBytes) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

function fields(values: readonly Value[]): string {
  let text = '';
  for (let i = 0; i < values.length; i++) text += i === 0 ? field(values[i]!) : `\t${field(values[i]!)}`;
  return text;
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
