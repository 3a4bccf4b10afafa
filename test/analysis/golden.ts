import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Matrix, NumericColumn } from '../../src/analysis/matrix.ts';

const folder = '../shared/data';

/** Real data with published results lies beside the project; without it these tests are skipped, loudly. */
export const dataIsThere = existsSync(`${folder}/golden/analysis.json`);
if (!dataIsThere)
  console.warn(`SKIPPED: the golden results are not at ${folder}; the analysis is not checked against them`);

export function readJson<Content>(path: string): Content {
  return JSON.parse(readFileSync(`${folder}/${path}`, 'utf8')) as Content;
}

/** The numeric columns of a CSV file without quotes, in the order of its rows. */
export function readColumns(path: string, names: readonly string[]): NumericColumn[] {
  const bytes = readFileSync(`${folder}/${path}`);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  const [header = '', ...lines] = text.trim().split(/\r?\n/);
  const rows = lines.map((line) => line.split(','));
  return names.map((name) => {
    const at = header.split(',').indexOf(name);
    return { name, values: Float64Array.from(rows, (row) => Number(row[at])) };
  });
}

export function matrixOf(rows: readonly (readonly number[])[]): Matrix {
  return { rowCount: rows.length, columnCount: rows[0]?.length ?? 0, values: Float64Array.from(rows.flat()) };
}
