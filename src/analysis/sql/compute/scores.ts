import type { TableRow } from '../../../job/rfm/table.ts';
import type { RfmSettings } from '../../../job/rfm/settings.ts';
import type { FittedAxis, FittedRfm } from '../../rfm/scoring.ts';
import { quoteName } from '../dialect.ts';
import { addLayers, fittedValue, outlierMark, workedOut } from '../parts.ts';
import { digitsOf, rfmRowAndDigits, scoreLayers, withoutPurchase, type RfmSqlOptions } from '../rfm-segment.ts';
import { clipOf, fitRows, foundColumn, idBytes, isFinite, type FitRows } from './customer-rows.ts';

/** The customers of a scoring: where those without an order have a segment of their own, the others. */
export type ScoredRows = FitRows & {
  readonly axes: RfmSettings['axes'];
  readonly skipsNonBuyers: boolean;
};

/** How many customers get scores, and how many can't because of each axis: `scored`, `bad1` and so on. */
export function countScored(rows: ScoredRows): string {
  const bad = rows.axes.map(
    ({ column }, i) => `COUNT(CASE WHEN ${isFinite(column, rows.dialect)} THEN NULL ELSE 1 END) AS bad${i + 1}`,
  );
  return `SELECT ${['COUNT(*) AS scored', ...bad].join(',\n  ')}\nFROM (\n${buyers(rows)}\n) t`;
}

/** Ids of some customers who can't be scored because of a column. */
export function unscorableIds(rows: ScoredRows, column: string): string {
  const { customerId, dialect } = rows;
  return `SELECT ${quoteName(customerId, dialect)}\nFROM (\n${buyers(rows)}\n) t
WHERE CASE WHEN ${isFinite(column, dialect)} THEN 0 ELSE 1 END = 1
ORDER BY ${idBytes(customerId, dialect)}\nLIMIT 10`;
}

/** How many customers have each combination of scores, as digits: `digits`, `n`. */
export function countDigits(rows: ScoredRows, axes: readonly FittedAxis[]): string {
  return `SELECT ${digitsOf(axes)} AS digits, COUNT(*) AS n\nFROM (\n${scored(rows, axes)}\n) t\nGROUP BY ${digitsOf(axes)}`;
}

/** Places, from 1, in the order of the customers of one group. */
export type GroupPlaces = { readonly digits: number; readonly ranks: readonly number[] };

/**
 * The values of a column, and the ids, at places of its ascending order (equal values by id) within the customers of
 * the same scores on `before`: `digits`, `rn`, `v`.
 */
export function orderWithin(
  rows: ScoredRows,
  {
    column,
    before,
    groups,
  }: {
    readonly column: string;
    readonly before: readonly FittedAxis[];
    readonly groups: readonly GroupPlaces[];
  },
): string {
  const { dialect, customerId } = rows;
  const id = quoteName(customerId, dialect);
  const value = fittedValue(column, clipOf(rows), dialect);
  const asked = groups.map(({ digits, ranks }) => `(digits = ${digits} AND rn IN (${ranks.join(', ')}))`);
  return `SELECT ${id}, digits, rn, v
FROM (SELECT ${id}, digits, v, ROW_NUMBER() OVER (PARTITION BY digits ORDER BY v, ${idBytes(customerId, dialect)}) AS rn
FROM (SELECT ${id}, ${digitsOf(before)} AS digits, ${value} AS v\nFROM (\n${scored(rows, before)}\n) t) s) q
WHERE ${asked.join(' OR ')}`;
}

/**
 * The columns of every row of the query, in the order of ids, and what was found: one more than the scores as digits
 * after the number of the table's row, as `rfmRowAndDigits` has them; NULL for outliers that are tagged and for who has no order.
 */
export function scoreAssignment(
  rows: ScoredRows,
  {
    scoring,
    table,
    columns,
  }: {
    readonly scoring: FittedRfm;
    readonly table: readonly TableRow[];
    readonly columns: readonly string[];
  },
): string {
  const { dialect, customerId, fences, outlierAction } = rows;
  const { layers, segment } = rfmRowAndDigits({ scoring, table, fences, outlierAction }, sqlOptions(rows));
  const marked = [{ name: 'segtag_outlier', sql: outlierAction === 'tag' ? outlierMark(fences, dialect) : '0' }];
  const query = addLayers(rows.customersSql, [marked, ...layers], workedOut(dialect));
  const nobody = ['segtag_outlier = 1', ...(rows.skipsNonBuyers ? [withoutPurchase(rows.axes, rows)] : [])].join(
    ' OR ',
  );
  const found = `CASE WHEN ${nobody} THEN NULL ELSE 1 + ${segment} END AS ${foundColumn}`;
  const names = columns.map((name) => quoteName(name, dialect));
  return `SELECT ${[...names, found].join(', ')}\nFROM (\n${query}\n) t\nORDER BY ${idBytes(customerId, dialect)}`;
}

function buyers(rows: ScoredRows): string {
  if (!rows.skipsNonBuyers) return fitRows(rows);
  return `SELECT *\nFROM (\n${fitRows(rows)}\n) t\nWHERE CASE WHEN ${withoutPurchase(rows.axes, rows)} THEN 1 ELSE 0 END = 0`;
}

function scored(rows: ScoredRows, axes: readonly FittedAxis[]): string {
  return addLayers(buyers(rows), scoreLayers(axes, clipOf(rows), sqlOptions(rows)), workedOut(rows.dialect));
}

function sqlOptions({ dialect, customerId }: ScoredRows): RfmSqlOptions {
  return { dialect, customerId, columns: {} };
}
