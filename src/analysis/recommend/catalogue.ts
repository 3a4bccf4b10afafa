import { idColumn } from '../../frame/id.ts';
import { sortedRows } from '../../frame/id-order.ts';

/** The products that may be recommended, numbered in bytewise order of id: the order that settles ties. */
export type Catalogue = {
  readonly productIds: readonly string[];
  /** The number of each product of a dictionary; -1 for one that is not in the catalogue. */
  numbersOf(dictionary: readonly string[]): Int32Array;
};

/**
 * Makes one catalogue of several dictionaries, without the excluded products. In an exclusion `*` stands
 * for any text; case counts. An empty id is no product.
 */
export function catalogueOf(dictionaries: readonly (readonly string[])[], exclude: readonly string[]): Catalogue {
  const excluded = new RegExp(`^(?:${exclude.map(patternOf).join('|')})$`, 's');
  const all = [...new Set(dictionaries.flat())].filter((id) => id !== '' && !(exclude.length > 0 && excluded.test(id)));
  const productIds = Array.from(sortedRows(idColumn(all)), (row) => all[row]!);
  const numbers = new Map(productIds.map((id, number) => [id, number]));
  return { productIds, numbersOf: (dictionary) => Int32Array.from(dictionary, (id) => numbers.get(id) ?? -1) };
}

function patternOf(exclusion: string): string {
  return exclusion
    .split('*')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
    .join('.*');
}
