import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLists, type ListDiffOptions } from '../../../src/analysis/decide/diff-lists.ts';
import { createColumnBuilder } from '../../../src/frame/builder.ts';
import type { NumberColumn, TextColumn } from '../../../src/frame/column.ts';
import { idColumn } from '../../../src/frame/id.ts';
import type { ListSet } from '../../../src/frame/recommendations.ts';

type Item = readonly [product: string, score: number, reason: string];
type Lists = Readonly<Record<string, readonly Item[]>>;

function published(lists: Lists): ListSet {
  const rows = subjects(lists).flatMap((id) => lists[id]!.map((item) => [id, ...item] as const));
  const [productId, score, reason] = [
    createColumnBuilder('text'),
    createColumnBuilder('number'),
    createColumnBuilder('text'),
  ];
  for (const [, product, value, why] of rows) {
    productId.push(product);
    score.push(value);
    reason.push(why);
  }
  return {
    subjectId: idColumn(rows.map(([id]) => id)),
    productId: productId.finish() as TextColumn,
    score: score.finish() as NumberColumn,
    reason: reason.finish() as TextColumn,
  };
}

function subjects(lists: Lists): string[] {
  return Object.keys(lists).toSorted();
}

function diff(base: Lists, wanted: Lists, options: Partial<ListDiffOptions> = {}) {
  const ids = subjects(wanted);
  const itemsAt = (row: number) =>
    wanted[ids[row]!]!.map(([productId, score, reason]) => ({ productId, score, reason }));
  const wantedLists = { ids: idColumn(ids), itemsAt, lengthAt: (row: number) => wanted[ids[row]!]!.length };
  const all: ListDiffOptions = { scores: 'with_segment', keeps: () => false, ...options };
  const { counts, each } = diffLists('customer', published(base), wantedLists, all);
  const changes = [...each()].map(({ subjectId, items }) => [
    subjectId,
    ...items.map(({ productId, score, reason }) => [productId, score, reason] as const),
  ]);
  return { counts, changes };
}

const tea: Item = ['tea', 2, 'bought with cup'];
const cup: Item = ['cup', 1, 'typical of loyal'];

describe('diffLists', () => {
  it('writes lists whose products, order or reasons differ, and removes those of who is gone', () => {
    const base = { a: [tea, cup], b: [tea], c: [tea], d: [tea, cup], e: [cup] };
    const wanted = {
      a: [tea, cup],
      b: [cup],
      d: [cup, tea],
      e: [['cup', 1, 'bought by most'] as const],
      f: [tea],
      g: [],
    };
    expect(diff(base, wanted)).toEqual({
      counts: { written: 4, removed: 1, unchanged: 1 },
      changes: [['b', cup], ['c'], ['d', cup, tea], ['e', ['cup', 1, 'bought by most']], ['f', tea]],
    });
  });

  it('writes a list of which only a score has changed where scores are always written', () => {
    const [base, wanted] = [{ a: [tea] }, { a: [['tea', 2.5, 'bought with cup'] as const] }];
    expect(diff(base, wanted).changes).toEqual([]);
    expect(diff(base, wanted, { scores: 'always' }).changes).toEqual([['a', ['tea', 2.5, 'bought with cup']]]);
  });

  it('leaves the list of a customer that keeps it', () => {
    const keeps = (id: string): boolean => id === 'b';
    expect(diff({ a: [tea], b: [tea] }, { b: [] }, { keeps }).changes).toEqual([['a']]);
  });

  it('leads from what is published to what is wanted, and then to nothing', () => {
    const item = fc.constantFrom(tea, cup, ['tea', 3, 'bought with cup'] as const);
    const lists = fc.dictionary(fc.constantFrom('a', 'b', 'B', 'é', '10', '9'), fc.array(item, { maxLength: 3 }));
    fc.assert(
      fc.property(lists, lists, (base, wanted) => {
        const after: Record<string, readonly Item[]> = { ...base };
        for (const [id, ...items] of diff(base, wanted, { scores: 'always' }).changes)
          after[String(id)] = items as Item[];
        const filled = (each: Lists): Lists =>
          Object.fromEntries(Object.entries(each).filter(([, items]) => items.length > 0));
        expect(filled(after)).toEqual(filled(wanted));
        expect(diff(after, wanted, { scores: 'always' }).changes).toEqual([]);
      }),
    );
  });
});
