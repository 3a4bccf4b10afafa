import { createColumnBuilder, type ColumnBuilder } from '../../frame/builder.ts';
import {
  countNulls,
  takeRows,
  type Column,
  type DayColumn,
  type IdColumn,
  type NumberColumn,
  type TextColumn,
} from '../../frame/column.ts';
import { parseDay } from '../../frame/day.ts';
import { compareIds } from '../../frame/id.ts';
import { sortedRows } from '../../frame/id-order.ts';
import type { TagSet } from '../../frame/tags.ts';
import type { Store } from '../engines/engine.ts';

export type TagQuery = { readonly job: string; readonly table: string; readonly withScores: boolean };

/** Takes a job's rows part by part, each in bytewise order of id, and all of them one after the other. */
export type TagReader<Result> = { take(part: TagSet): void; finish(): Result };

/** Asked in parts. */
export type PartQuery = TagQuery & { readonly rowsOfPart?: number };

/** A job's rows of its tag table, in bytewise order of id. */
export async function readTags(store: Store, query: TagQuery): Promise<TagSet> {
  const builders = fields(query.withScores);
  await streamRows(store, query, (row) => pushRow(builders, row));
  return partOf(builders).tags;
}

/**
 * Hands a job's rows to the reader that `open` makes, part by part. A table that somebody else made may have an order of
 * its own: then they are read once more, as a whole, for a reader that begins anew.
 */
export async function readTagsInParts<Result>(
  store: Store,
  query: PartQuery,
  open: () => TagReader<Result>,
): Promise<Result> {
  const reader = open();
  const parts = partSplitter(query, reader);
  await streamRows(store, query, parts.push);
  if (parts.finish()) return reader.finish();
  const anew = open();
  anew.take(await readTags(store, query));
  return anew.finish();
}

type PartSplitter = {
  readonly push: (row: readonly unknown[]) => void;
  /** Hands over the rest; whether all came in order. */
  finish(): boolean;
};

function partSplitter({ withScores, rowsOfPart = 65_536 }: PartQuery, reader: TagReader<unknown>): PartSplitter {
  let builders = fields(withScores);
  let rows = 0;
  let before: TagSet | undefined;
  let isInOrder = true;
  let failure: { readonly error: unknown } | undefined;
  const handOver = (isLast: boolean): void => {
    const { tags, wasInOrder } = partOf(builders);
    const isOnly = isLast && !before;
    const follows = !before || compareIds(before.customerId, before.rowCount - 1, tags.customerId, 0) < 0;
    isInOrder &&= isOnly || (wasInOrder && follows);
    if (isInOrder) reader.take(tags);
    before = tags;
    builders = fields(withScores);
    rows = 0;
  };
  return {
    // It is called by a driver, which has nowhere to go with an error.
    push(row) {
      if (failure || !isInOrder) return;
      try {
        pushRow(builders, row);
        if (++rows === rowsOfPart) handOver(false);
      } catch (error) {
        failure = { error };
      }
    },
    finish() {
      if (failure) throw failure.error;
      if (isInOrder && rows > 0) handOver(true);
      return isInOrder;
    },
  };
}

async function streamRows(
  { knex, engine }: Store,
  { job, table, withScores }: TagQuery,
  onRow: (row: readonly unknown[]) => void,
): Promise<void> {
  // Streams bypass Knex, so the name is written out; a job's table is a plain identifier.
  const quote = engine.dialect === 'mysql' ? '`' : '"';
  const columns = fields(withScores).map(({ column }) => column);
  const sql = `select ${columns.join(', ')} from ${quote}${table}${quote} where job = ? order by customer_id`;
  await engine.stream(knex, sql, [job], onRow);
}

function pushRow(builders: readonly TagField[], row: readonly unknown[]): void {
  for (let i = 0; i < builders.length; i++) builders[i]!.push(row[i]);
}

type TagField = { readonly column: string; push(value: unknown): void; finish(): Column };

function fields(withScores: boolean): readonly TagField[] {
  const text = (column: string): TagField => textField(column, createColumnBuilder('text'));
  return [
    textField('customer_id', createColumnBuilder('id')),
    text('segment'),
    text('segment_name'),
    text('campaign'),
    text('previous_segment'),
    dayField('segment_since'),
    text('state'),
    numberField('change_seq'),
    numberField('control'),
    ...(withScores ? [text('scores')] : []),
  ];
}

function textField(column: string, builder: ColumnBuilder<string>): TagField {
  return { column, push: (value) => builder.push(value === null ? null : String(value)), finish: builder.finish };
}

function numberField(column: string): TagField {
  const builder = createColumnBuilder('number');
  return { column, push: (value) => builder.push(value === null ? null : Number(value)), finish: builder.finish };
}

function dayField(column: string): TagField {
  const builder = createColumnBuilder('day');
  const days = new Map<unknown, number>();
  const dayOf = (value: unknown): number => {
    const known = days.get(value) ?? parseDay(String(value));
    days.set(value, known);
    return known;
  };
  return { column, push: (value) => builder.push(dayOf(value)), finish: builder.finish };
}

function partOf(builders: readonly TagField[]): { readonly tags: TagSet; readonly wasInOrder: boolean } {
  const columns = builders.map(({ finish }) => finish());
  const [customerId] = columns as [IdColumn];
  const order = sortedRows(customerId);
  const wasInOrder = order.every((row, position) => row === position);
  const [id, segment, segmentName, campaign, previousSegment, segmentSince, state, changeSeq, control, scores] = (
    wasInOrder ? columns : columns.map((column) => takeRows(column, order))
  ) as [
    IdColumn,
    TextColumn,
    TextColumn,
    TextColumn,
    TextColumn,
    DayColumn,
    TextColumn,
    NumberColumn,
    NumberColumn,
    TextColumn?,
  ];
  const tags = {
    rowCount: order.length,
    customerId: id,
    segment,
    segmentName,
    campaign,
    previousSegment,
    segmentSince,
    state,
    changeSeq: changeSeq.values,
    ...(countNulls(control) < order.length
      ? { control: Int8Array.from({ length: order.length }, (_, row) => flagOf(control.values[row]!)) }
      : {}),
    ...(scores ? { scores } : {}),
  };
  return { tags, wasInOrder };
}

/** A null is NaN in a column of numbers. */
function flagOf(value: number): number {
  return Number.isNaN(value) ? -1 : value;
}
