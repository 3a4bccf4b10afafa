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

/** Reads what COPY sends, in packets that end anywhere. */
export async function readTabSeparated(
  packets: AsyncIterable<Buffer>,
  onRow: (row: readonly (string | null)[]) => void,
): Promise<void> {
  let rest: Buffer[] = [];
  for await (const packet of packets) {
    const end = packet.lastIndexOf(lineEnd);
    if (end < 0) {
      rest.push(packet);
      continue;
    }
    const text = Buffer.concat([...rest, packet.subarray(0, end)]).toString();
    for (const line of text.split('\n')) onRow(line.split('\t').map(valueOf));
    rest = [packet.subarray(end + 1)];
  }
}

const lineEnd = 10;
const escape = /\\[\s\S]/g;
const meanings: Readonly<Record<string, string>> = {
  '\\\\': '\\',
  '\\b': '\b',
  '\\f': '\f',
  '\\n': '\n',
  '\\r': '\r',
  '\\t': '\t',
  '\\v': '\v',
};

function valueOf(text: string): string | null {
  if (!text.includes('\\')) return text;
  return text === '\\N' ? null : text.replace(escape, (sequence) => meanings[sequence] ?? sequence);
}
