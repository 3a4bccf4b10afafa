import type { FeatureSource, Fence } from '../../model.ts';
import { asBytes, asDouble, numberLiteral, quoteName, type SqlDialect } from '../dialect.ts';
import { codedValue, fittedValue, outlierMark } from '../parts.ts';
import type { Outliers } from '../../../job/schema.ts';

/** The customers that a statement reads. */
export type CustomerRows = {
  readonly dialect: SqlDialect;
  readonly customerId: string;
  /** The query with one row per customer; its parameters stand in every statement once, in their order. */
  readonly customersSql: string;
  /** Rows whose id is null, empty or repeated are left out, which takes a window over all of them. */
  readonly skipInvalid: boolean;
};

/** The customers of a fit: those inside the fences, or all of them moved to the fences. */
export type FitRows = CustomerRows & {
  readonly fences: readonly Fence[];
  readonly outlierAction: Outliers['action'] | null;
};

/** The column in which a night's last query says what was found of each row: a whole number from 1, NULL where nothing. */
export const foundColumn = 'segtag_found';

/** Rows, rows without an id, and different ids: `rows_in`, `without_id`, `ids`. */
export function countIds({ dialect, customerId, customersSql }: CustomerRows): string {
  const id = idBytes(customerId, dialect);
  return `SELECT COUNT(*) AS rows_in,
  COUNT(CASE WHEN ${isNamed(customerId, dialect)} THEN NULL ELSE 1 END) AS without_id,
  COUNT(DISTINCT CASE WHEN ${isNamed(customerId, dialect)} THEN ${id} END) AS ids
FROM (
${customersSql}
) t`;
}

/** How many customers there are, and how many have a finite value in each column: `customers`, `finite1` and so on. */
export function countFinite(rows: CustomerRows, columns: readonly string[]): string {
  const counts = columns.map(
    (column, i) => `COUNT(CASE WHEN ${isFinite(column, rows.dialect)} THEN 1 END) AS finite${i + 1}`,
  );
  return `SELECT ${['COUNT(*) AS customers', ...counts].join(',\n  ')}\nFROM (\n${validRows(rows)}\n) t`;
}

/**
 * How many customers are in the fit, and how many can't be fitted because of each feature: `fitted`, `bad1` and so
 * on. An infinity stays bad where clipping would move it to a fence.
 */
export function countFit(rows: FitRows, features: readonly FeatureSource[]): string {
  const bad = features.map(
    (feature, i) => `COUNT(CASE WHEN ${isUsable(rows, feature)} THEN NULL ELSE 1 END) AS bad${i + 1}`,
  );
  const fitted = `COUNT(CASE WHEN ${inFit(rows)} THEN 1 END) AS fitted`;
  return `SELECT ${[fitted, ...bad].join(',\n  ')}\nFROM (\n${presentRows(rows)}\n) t`;
}

/** Ids of some customers that can't be fitted because of a feature. */
export function unusableIds(rows: FitRows, feature: FeatureSource): string {
  const id = quoteName(rows.customerId, rows.dialect);
  return `SELECT ${id}\nFROM (\n${presentRows(rows)}\n) t
WHERE CASE WHEN ${isUsable(rows, feature)} THEN 0 ELSE 1 END = 1
ORDER BY ${idBytes(rows.customerId, rows.dialect)}\nLIMIT 10`;
}

/** Customers with an id of their own. */
export function validRows({ dialect, customerId, customersSql, skipInvalid }: CustomerRows): string {
  if (!skipInvalid) return customersSql;
  const id = idBytes(customerId, dialect);
  const counted = `SELECT t.*, COUNT(*) OVER (PARTITION BY ${id}) AS segtag_copies\nFROM (\n${customersSql}\n) t`;
  return `SELECT *\nFROM (\n${counted}\nWHERE ${isNamed(customerId, dialect)}\n) t\nWHERE segtag_copies = 1`;
}

/** The customers that the fences leave in the fit. */
export function fitRows(rows: FitRows): string {
  const isLimited = rows.outlierAction === 'tag' || rows.outlierAction === 'drop';
  return isLimited ? `SELECT *\nFROM (\n${validRows(rows)}\n) t\nWHERE ${inFit(rows)}` : validRows(rows);
}

/** The fences that values are moved to. */
export function clipOf({ fences, outlierAction }: FitRows): readonly Fence[] {
  return outlierAction === 'clip' ? fences : [];
}

/** An id as the bytes by which ids are told apart and put in order. */
export function idBytes(customerId: string, dialect: SqlDialect): string {
  return asBytes(idText(customerId, dialect), dialect);
}

/** An id as text, whatever its type. */
export function idText(customerId: string, dialect: SqlDialect): string {
  const name = quoteName(customerId, dialect);
  return `CAST(${name} AS ${dialect === 'mysql' ? 'CHAR' : 'VARCHAR'})`;
}

/** True for a value that is neither null, NaN nor infinite; every engine here sorts NaN above all, or compares it with nothing. */
export function isFinite(column: string, dialect: SqlDialect): string {
  const value = asDouble(quoteName(column, dialect), dialect);
  const largest = Number.MAX_VALUE;
  return `${value} >= ${numberLiteral(-largest)} AND ${value} <= ${numberLiteral(largest)}`;
}

/** Those whom the segments are about: dropped outliers are not there. */
export function presentRows(rows: FitRows): string {
  return rows.outlierAction === 'drop' ? fitRows(rows) : validRows(rows);
}

function inFit({ fences, outlierAction, dialect }: FitRows): string {
  return outlierAction === 'clip' || fences.length === 0 ? '1 = 1' : `${outlierMark(fences, dialect)} = 0`;
}

function isUsable(rows: FitRows, { column, transform, coding }: FeatureSource): string {
  if (coding) return `${codedValue(coding, rows.dialect)} IS NOT NULL`;
  const finite = isFinite(column, rows.dialect);
  if (transform === 'none') return finite;
  return `${finite} AND ${fittedValue(column, clipOf(rows), rows.dialect)} > (-1e0)`;
}

function isNamed(customerId: string, dialect: SqlDialect): string {
  return `${quoteName(customerId, dialect)} IS NOT NULL AND ${idText(customerId, dialect)} <> ''`;
}
