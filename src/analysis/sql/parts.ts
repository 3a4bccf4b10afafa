import type { Coding } from '../codings.ts';
import {
  asBytes,
  asDouble,
  hasNaN,
  isNumber,
  numberLiteral,
  quoteName,
  textLiteral,
  type SqlDialect,
} from './dialect.ts';
import type { FeatureSource, Fence } from '../model.ts';

/** An expression and the name that the next query around it can use. */
export type Named = { readonly name: string; readonly sql: string };

/** Queries around the customers, from the inside out, and last the expression of the segment. */
export type SegmentParts = { readonly layers: readonly (readonly Named[])[]; readonly segment: string };

/** The query with each layer's names added around it, the inner ones first; `end` closes each layer. */
export function addLayers(query: string, layers: readonly (readonly Named[])[], end = ''): string {
  return layers.reduce((inner, names) => {
    const columns = names.map(({ name, sql }) => `  ${sql} AS ${name}`);
    return `SELECT t.*,\n${columns.join(',\n')}\nFROM (\n${inner}\n) t${end}`;
  }, query);
}

/**
 * The end of a layer that is worked out before the layer around it. Without it PostgreSQL and MariaDB put a name's
 * expression wherever the name stands, and names of names grow to thousands of them.
 */
export function workedOut(dialect: SqlDialect): string {
  switch (dialect) {
    case 'postgres':
      return '\nOFFSET 0';
    case 'mysql':
      return '\nLIMIT 18446744073709551615';
    default:
      return '';
  }
}

/** A feature as the fit saw it, before its transform; texts as their numbers. */
export function featureValue({ column, coding }: FeatureSource, clip: readonly Fence[], dialect: SqlDialect): string {
  // PostgreSQL reads the literals as decimals, with which it would go on to compute.
  return coding ? asDouble(codedValue(coding, dialect), dialect) : fittedValue(column, clip, dialect);
}

/** A column as the fit saw it: a double, moved to its fence where outliers are clipped. */
export function fittedValue(column: string, clip: readonly Fence[], dialect: SqlDialect): string {
  const value = asDouble(quoteName(column, dialect), dialect);
  const fence = clip.find((candidate) => candidate.column === column);
  return fence ? clamped(value, fence.low, fence.high) : value;
}

/** A column of texts as the numbers that the fit saw; NULL where it had none. */
export function codedValue({ column, codes, others }: Coding, dialect: SqlDialect): string {
  const name = quoteName(column, dialect);
  const bytes = asBytes(name, dialect);
  const branches = codes.map(
    ({ text, value }) => `WHEN ${bytes} = ${asBytes(textLiteral(text, dialect), dialect)} THEN ${numberLiteral(value)}`,
  );
  const rest = others === null ? 'NULL' : numberLiteral(others);
  return `CASE WHEN ${name} IS NULL THEN NULL ${branches.join(' ')} ELSE ${rest} END`;
}

/** The value, or the bound that it is beyond; NULL stays NULL. */
export function clamped(value: string, low: number | null, high: number | null): string {
  const branches = [
    ...(low === null ? [] : [`WHEN ${value} < ${numberLiteral(low)} THEN ${numberLiteral(low)}`]),
    ...(high === null ? [] : [`WHEN ${value} > ${numberLiteral(high)} THEN ${numberLiteral(high)}`]),
  ];
  return branches.length === 0 ? value : `CASE ${branches.join(' ')} ELSE ${value} END`;
}

/** 1 for a customer beyond a fence of any column, else 0; a NaN is beyond none. */
export function outlierMark(fences: readonly Fence[], dialect: SqlDialect): string {
  const beyond = fences.flatMap(({ column, low, high }) => {
    const value = asDouble(quoteName(column, dialect), dialect);
    const isAbove = (bound: number): string => `${value} > ${numberLiteral(bound)}`;
    return [
      ...(low === null ? [] : [`${value} < ${numberLiteral(low)}`]),
      ...(high === null
        ? []
        : [hasNaN(dialect) ? `(${isAbove(high)} AND ${isNumber(value, dialect)})` : isAbove(high)]),
    ];
  });
  return beyond.length === 0 ? '0' : `CASE WHEN ${beyond.join(' OR ')} THEN 1 ELSE 0 END`;
}

/** A slug as a literal, or NULL. */
export function slugLiteral(slug: string | null): string {
  return slug === null || slug === '' ? 'NULL' : `'${slug}'`;
}
