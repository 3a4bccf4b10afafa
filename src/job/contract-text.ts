import { isRecord, valueAt } from './plain-value.ts';
import type { ColumnType } from './schema.ts';
import { readYaml, type YamlText } from './yaml-text.ts';

/** Columns of customers.sql with their types, in the order of the query. */
export type Contract = Readonly<Record<string, ColumnType>>;

const columnsPath = ['source', 'columns'];

/** A contract as one line of YAML. */
export function contractText(contract: Contract): string {
  return `{ ${entriesOf(contract).join(', ')} }`;
}

/**
 * The text of a valid job file with this contract as its `source.columns`, and everything else as it stands:
 * in the place of the one that is there, in its style, or below `customer_id`.
 */
export function withContract(
  { file, text }: { readonly file: string; readonly text: string },
  contract: Contract,
): string {
  const yaml = readYaml({ file, text, shown: text });
  const written = isRecord(valueAt(yaml.value, columnsPath)) ? replaced(yaml, contract) : added(yaml, contract);
  const read = valueAt(readYaml({ file, text: written, shown: written }).value, columnsPath);
  if (JSON.stringify(read) !== JSON.stringify(contract))
    throw new Error(`the contract of ${file} reads back differently`);
  return written;
}

function replaced({ text, value, valueRange }: YamlText, contract: Contract): string {
  const { start, end } = valueRange(columnsPath);
  if (text[start] === '{') return text.slice(0, start) + contractText(contract) + text.slice(end);
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
  // A map in lines goes on over the comments behind it.
  const names = Object.keys(valueAt(value, columnsPath) as object);
  const lastEnd = Math.max(...names.map((name) => valueRange([...columnsPath, name]).end));
  return text.slice(0, start) + entriesOf(contract).join(`\n${indent}`) + text.slice(lastEnd);
}

function added({ text, valueRange, keyRange }: YamlText, contract: Contract): string {
  const id = ['source', 'customer_id'];
  const line = `columns: ${contractText(contract)}`;
  if (text[valueRange(['source']).start] === '{') return inserted(text, valueRange(id).end, `, ${line}`);
  const { start, end } = { start: keyRange(id).start, end: text.indexOf('\n', valueRange(id).end) };
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
  return inserted(text, end === -1 ? text.length : end, `\n${indent}${line}`);
}

function inserted(text: string, at: number, more: string): string {
  return text.slice(0, at) + more + text.slice(at);
}

/** Words that YAML reads as something else than text. */
const otherThanText = /^(?:null|true|false)$/i;

function entriesOf(contract: Contract): string[] {
  return Object.entries(contract).map(([name, type]) => {
    const isPlain = /^[A-Za-z_]\w*$/.test(name) && !otherThanText.test(name);
    return `${isPlain ? name : JSON.stringify(name)}: ${type}`;
  });
}
