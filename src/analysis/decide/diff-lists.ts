import { isNull, type IdColumn, type TextColumn } from '../../frame/column.ts';
import { compareIds, idAt } from '../../frame/id.ts';
import type { ListChange, ListSet, Recommendation, SubjectKind } from '../../frame/recommendations.ts';
import type { Publish } from '../../job/schema.ts';

/** The lists that subjects are to have, in bytewise order of subject without repeats. */
export type WantedLists = {
  readonly ids: IdColumn;
  itemsAt(row: number): readonly Recommendation[];
  /** How many items a list has, which is known before they are made. */
  lengthAt(row: number): number;
};

export type ListDiffOptions = {
  /** `always`: a list is also written when only scores have changed. */
  readonly scores: Publish['scores'];
  /** Whether a subject that has a list, and is to have none, keeps it. */
  readonly keeps: (subjectId: string) => boolean;
};

export type ListDiff = {
  readonly counts: { readonly written: number; readonly removed: number; readonly unchanged: number };
  each(): Generator<ListChange>;
};

/**
 * Compares the lists that are published with those that are wanted, subject by subject, by one merge: O(n).
 * A list differs when its products, their order or their reasons do.
 */
export function diffLists(kind: SubjectKind, base: ListSet, wanted: WantedLists, options: ListDiffOptions): ListDiff {
  const changed: { wantedRow: number; baseRow: number }[] = [];
  const counts = { written: 0, removed: 0, unchanged: 0 };
  const baseCount = base.subjectId.offsets.length - 1;
  const wantedCount = wanted.ids.offsets.length - 1;
  let baseRow = 0;
  let row = 0;
  while (baseRow < baseCount || row < wantedCount) {
    const order = compareNext(base, baseRow, wanted, row);
    const end = order <= 0 ? endOfList(base, baseRow) : baseRow;
    if (order >= 0 && wanted.lengthAt(row) > 0) {
      if (order === 0 && saysTheSame(base, baseRow, end, wanted.itemsAt(row), options)) counts.unchanged++;
      else {
        counts.written++;
        changed.push({ wantedRow: row, baseRow: -1 });
      }
    } else if (order <= 0) {
      if (options.keeps(idAt(base.subjectId, baseRow))) counts.unchanged++;
      else {
        counts.removed++;
        changed.push({ wantedRow: -1, baseRow });
      }
    }
    baseRow = end;
    if (order >= 0) row++;
  }
  return { counts, each: () => changesOf(kind, base, wanted, changed) };
}

const none: readonly Recommendation[] = [];

function* changesOf(
  subjectKind: SubjectKind,
  base: ListSet,
  wanted: WantedLists,
  changed: readonly { readonly wantedRow: number; readonly baseRow: number }[],
): Generator<ListChange> {
  for (const { wantedRow, baseRow } of changed) {
    if (wantedRow < 0) yield { subjectKind, subjectId: idAt(base.subjectId, baseRow), items: none };
    else yield { subjectKind, subjectId: idAt(wanted.ids, wantedRow), items: wanted.itemsAt(wantedRow) };
  }
}

function compareNext(base: ListSet, baseRow: number, wanted: WantedLists, row: number): number {
  if (baseRow === base.subjectId.offsets.length - 1) return 1;
  if (row === wanted.ids.offsets.length - 1) return -1;
  return compareIds(base.subjectId, baseRow, wanted.ids, row);
}

function endOfList({ subjectId }: ListSet, start: number): number {
  let end = start + 1;
  while (end < subjectId.offsets.length - 1 && compareIds(subjectId, start, subjectId, end) === 0) end++;
  return end;
}

function saysTheSame(
  base: ListSet,
  start: number,
  end: number,
  items: readonly Recommendation[],
  { scores }: ListDiffOptions,
): boolean {
  if (end - start !== items.length) return false;
  return items.every(
    ({ productId, score, reason }, i) =>
      textAt(base.productId, start + i) === productId &&
      textAt(base.reason, start + i) === reason &&
      (scores !== 'always' || base.score.values[start + i] === score),
  );
}

function textAt(column: TextColumn, row: number): string | null {
  return isNull(column, row) ? null : column.dictionary[column.codes[row]!]!;
}
