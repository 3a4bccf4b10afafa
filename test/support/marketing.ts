import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sharedData } from './project.ts';

/** Where a real table of households stands, in three encodings, with what others found in it. */
export const marketing = join(sharedData, 'marketing-campaign');

/** The same customers: with commas and the day first; with `;`, a BOM and ISO dates; with tabs and padding. */
export const marketingFiles = [
  'marketing_campaign.csv',
  'marketing_campaign.semicolon-bom.csv',
  'marketing_campaign.tab-padded.csv',
] as const;

export type TableRow = Readonly<Record<string, string>>;

/** The customers of the first file, in its order. */
export function marketingRows(): TableRow[] {
  return rowsOf(readFileSync(join(marketing, marketingFiles[0]), 'utf8'));
}

/** A table of expected values, in its order. */
export function expectedRows(file: string): TableRow[] {
  return rowsOf(gunzipSync(readFileSync(join(marketing, 'expected', file))).toString());
}

/** None of these tables has quotes. */
function rowsOf(text: string): TableRow[] {
  const [header = [], ...rows] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  return rows.map((cells) => Object.fromEntries(header.map((name, i) => [name, cells[i] ?? ''])));
}
