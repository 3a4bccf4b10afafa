import type { IdColumn, NumberColumn, TextColumn } from './column.ts';

export type SubjectKind = 'customer' | 'segment';

/** One product of a list, whose rank is its place. */
export type Recommendation = {
  readonly productId: string;
  readonly score: number;
  /** Why, for people; names no customer. */
  readonly reason: string;
};

/** The published lists of one kind of subject, a row per entry: by subject in bytewise order, then by rank. */
export type ListSet = {
  readonly subjectId: IdColumn;
  readonly productId: TextColumn;
  readonly score: NumberColumn;
  readonly reason: TextColumn;
};

/** A subject whose list is to change; without items it is to have none. */
export type ListChange = {
  readonly subjectKind: SubjectKind;
  readonly subjectId: string;
  readonly items: readonly Recommendation[];
};

/** The changed lists by kind and in bytewise order of subject, made one at a time, as often as asked for. */
export type ListChanges = { readonly count: number; each(): Iterable<ListChange> };
