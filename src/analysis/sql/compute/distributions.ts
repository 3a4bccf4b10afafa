import { asDouble, numberLiteral, quoteName } from '../dialect.ts';
import { clamped } from '../parts.ts';
import type { Bounds } from '../../quantile.ts';
import { isFinite, type CustomerRows } from './customer-rows.ts';

/** Values of which a distribution is asked, as `SELECT … AS v`; there is no null among them. */
export type ValueQuery = string;

/** The finite values of a column, as the source has them. */
export function finiteValues(query: string, column: string, dialect: CustomerRows['dialect']): ValueQuery {
  const value = asDouble(quoteName(column, dialect), dialect);
  return `SELECT ${value} AS v\nFROM (\n${query}\n) t\nWHERE ${isFinite(column, dialect)}`;
}

/** The absolute deviations from a value. */
export function deviationsFrom(values: ValueQuery, median: number): ValueQuery {
  return `SELECT ABS(v - ${numberLiteral(median)}) AS v\nFROM (\n${values}\n) t`;
}

/** The values at these places of the ascending order, from 1: `rn`, `v`. */
export function orderStatistics(values: ValueQuery, ranks: readonly number[]): string {
  return `SELECT rn, v
FROM (SELECT v, ROW_NUMBER() OVER (ORDER BY v) AS rn FROM (
${values}
) t) q
WHERE rn IN (${ranks.join(', ')})`;
}

/** The sum of the values, moved to the bounds: `total`. */
export function sumOf(values: ValueQuery, bounds: Bounds | undefined): string {
  return `SELECT SUM(${within(bounds)}) AS total\nFROM (\n${values}\n) t`;
}

/** The sum of their squared distances from the mean: `total`. */
export function squaresAbout(values: ValueQuery, mean: number, bounds: Bounds | undefined): string {
  const difference = `(${within(bounds)} - ${numberLiteral(mean)})`;
  return `SELECT SUM(${difference} * ${difference}) AS total\nFROM (\n${values}\n) t`;
}

function within(bounds: Bounds | undefined): string {
  return clamped('v', bounds?.low ?? null, bounds?.high ?? null);
}
