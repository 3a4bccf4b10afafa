import { asBytes, quoteName } from '../dialect.ts';
import { presentRows, type FitRows } from './customer-rows.ts';

/** Different texts of a column, told apart byte by byte, at most `most` of them: `found`, and how many there are, `n`. */
export function differentTexts(rows: FitRows, column: string, most: number): string {
  const name = quoteName(column, rows.dialect);
  return `SELECT MIN(${name}) AS found, COUNT(*) OVER () AS n
FROM (
${presentRows(rows)}
) t
WHERE ${name} IS NOT NULL
GROUP BY ${asBytes(name, rows.dialect)}
LIMIT ${most}`;
}
