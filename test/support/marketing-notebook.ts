import type { Matrix } from '../../src/analysis/matrix.ts';
import { marketingRows, type TableRow } from './marketing.ts';

/** The number in a cell. */
export const number = (row: TableRow, name: string): number => Number(row[name]);
const sum = (row: TableRow, names: readonly string[]): number =>
  names.reduce((all, name) => all + number(row, name), 0);
const partners = ['Married', 'Together'];
const graduates: Readonly<Record<string, string>> = { Graduation: 'graduate', Master: 'post', PhD: 'post' };

/** What the notebook made one-hot columns of. */
export function categories(row: TableRow): {
  readonly marital: string;
  readonly age: string;
  readonly education: string;
} {
  return {
    marital: partners.includes(row['Marital_Status']!) ? 'partner' : 'single',
    age: 2022 - number(row, 'Year_Birth') > 64 ? 'senior' : 'adult',
    education: graduates[row['Education']!] ?? 'under',
  };
}

const newest = Date.parse('2014-06-29');

/** What the notebook measured of a customer. */
export function measures(row: TableRow): number[] {
  const [day, month, year] = row['Dt_Customer']!.split('-');
  const children = sum(row, ['Kidhome', 'Teenhome']);
  return [
    number(row, 'Income'),
    number(row, 'Kidhome'),
    number(row, 'Teenhome'),
    (newest - Date.parse(`${year}-${month}-${day}`)) / 86_400_000,
    Number(year),
    children,
    children + (categories(row).marital === 'partner' ? 2 : 1),
    children > 0 ? 1 : 0,
    sum(row, ['NumDealsPurchases', 'NumWebPurchases', 'NumCatalogPurchases', 'NumStorePurchases']),
    sum(row, ['MntWines', 'MntFruits', 'MntMeatProducts', 'MntFishProducts', 'MntSweetProducts', 'MntGoldProds']),
    number(row, 'Recency'),
  ];
}

export const spent = (row: TableRow): number => measures(row)[9]!;
export const purchases = (row: TableRow): number => measures(row)[8]!;

/** A customer and whose categories they were given. */
export type Joined = { readonly row: TableRow; readonly flagsOf: TableRow };

/** Those whose income is known. */
export const knownRows = (): TableRow[] => marketingRows().filter((row) => row['Income'] !== '');
/** Whom the notebook kept of them. */
const isKept = (row: TableRow): boolean => number(row, 'Income') <= 600_000 && number(row, 'Year_Birth') >= 1932;

/** Each customer that the cleaning leaves, with nothing but their own. */
export function soundJoin(): Joined[] {
  return knownRows().flatMap((row) => (isKept(row) ? [{ row, flagsOf: row }] : []));
}

/** The notebook's join: categories counted anew from 0 meet customers that still have their places before the cleaning. */
export function staleJoin(): Joined[] {
  const known = knownRows();
  const kept = known.filter(isKept);
  return known.flatMap((row, place) => {
    const flagsOf = kept[place];
    return isKept(row) && flagsOf ? [{ row, flagsOf }] : [];
  });
}

/** The notebook's features, with or without the number of the customer before them. */
export function matrixOf(joined: readonly Joined[], withNumber: boolean): Matrix {
  const rows = joined.map(({ row, flagsOf }) => {
    const { marital, age, education } = categories(flagsOf);
    const flags = [marital === 'partner', marital === 'single', age === 'adult', age === 'senior'];
    const degrees = ['graduate', 'post', 'under'].map((degree) => education === degree);
    return [...(withNumber ? [number(row, 'ID')] : []), ...measures(row), ...[...flags, ...degrees].map(Number)];
  });
  return { rowCount: rows.length, columnCount: rows[0]!.length, values: Float64Array.from(rows.flat()) };
}
