import { SegtagError } from '../errors.ts';
import type { TextColumn } from '../frame/column.ts';
import type { Feature } from '../job/schema.ts';
import type { NumericColumn } from './matrix.ts';

/** How a column of texts becomes one of numbers; a null stays one. */
export type Coding = {
  /** The column of texts. */
  readonly column: string;
  readonly codes: readonly { readonly text: string; readonly value: number }[];
  /** The number of texts that are not listed; null leaves them without one. */
  readonly others: number | null;
};

/** A column of numbers made of texts. */
export type CodedColumn = { readonly name: string; readonly coding: Coding };

/** More categories than this make a feature of their own kind: most customers differ in it. */
export const mostCategories = 20;

/** Between two categories lie two columns; divided by this, a mismatch adds 1 to the squared distance. */
export const mismatchSpread = Math.SQRT2;

/** How many different texts a column holds, and which, in any order; beyond 20 some will do. */
export type FoundTexts = { readonly count: number; readonly texts: readonly string[] };

/**
 * The number columns that a feature over texts becomes. `order` numbers its texts 0, 1, 2, …, and others
 * have no number. `categories` make a column of 0 and 1 each, named `column=text`; `auto` takes every
 * text that `find` has found, in code point order. Throws E_DEGENERATE_FIT where that is one, or more than 20.
 */
export function codedColumns(name: string, { order, categories }: Feature, find: () => FoundTexts): CodedColumn[] {
  if (order) {
    const codes = order.map((text, value) => ({ text, value }));
    return [{ name, coding: { column: name, codes, others: null } }];
  }
  if (!categories) return [];
  const listed = categories === 'auto' ? categoriesOf(name, find()) : categories;
  return listed.map((text) => ({
    name: `${name}=${text}`,
    coding: { column: name, codes: [{ text, value: 1 }], others: 0 },
  }));
}

/** The numbers of a column of texts; NaN for a null and for texts without a number. */
export function codeColumn({ name, coding }: CodedColumn, { dictionary, codes }: TextColumn): NumericColumn {
  const valueOf = new Map(coding.codes.map(({ text, value }) => [text, value]));
  const numbers = dictionary.map((text) => valueOf.get(text) ?? coding.others ?? NaN);
  return { name, values: Float64Array.from(codes, (code) => numbers[code] ?? NaN) };
}

/** The number that a text has in a coding; NaN for none. */
export function codeOf({ codes, others }: Coding, text: unknown): number {
  if (typeof text !== 'string') return NaN;
  return codes.find((code) => code.text === text)?.value ?? others ?? NaN;
}

/** Whether the column is that of one category, and not of an order. */
export function isCategory({ others }: Coding): boolean {
  return others !== null;
}

/** How many rows hold a text that none of these columns lists; nulls apart. */
export function unknownTexts(columns: readonly CodedColumn[], { dictionary, codes }: TextColumn): number {
  const known = new Set(columns.flatMap(({ coding }) => coding.codes.map(({ text }) => text)));
  const isUnknown = dictionary.map((text) => !known.has(text));
  return codes.reduce((count, code) => count + (isUnknown[code] === true ? 1 : 0), 0);
}

/** The texts of a column that is in memory; nulls apart. */
export function textsIn({ dictionary, codes }: TextColumn): FoundTexts {
  const used = new Set(codes);
  const texts = dictionary.filter((_, code) => used.has(code));
  return { count: texts.length, texts };
}

function categoriesOf(name: string, { count, texts }: FoundTexts): string[] {
  if (count > 1 && count <= mostCategories) return texts.toSorted((a, b) => (a < b ? -1 : 1));
  throw new SegtagError('E_DEGENERATE_FIT', {
    where: `feature "${name}"`,
    what:
      count < 2
        ? 'The feature has the same text for every customer.'
        : `The feature has ${count} different texts, and a category for each of more than ${mostCategories} tells nobody apart.`,
    remedy:
      count < 2 ? 'Leave the feature out.' : 'Group them in customers.sql, or list the ones that matter as categories.',
  });
}
