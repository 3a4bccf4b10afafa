import { createColumnBuilder, type ColumnBuilder } from '../frame/builder.ts';
import {
  countNulls,
  takeRows,
  type Column,
  type DayColumn,
  type IdColumn,
  type NumberColumn,
  type TextColumn,
} from '../frame/column.ts';
import { parseDay } from '../frame/day.ts';
import { sortedRows } from '../frame/id.ts';
import type { TagSet } from '../frame/tags.ts';
import type { Store } from './engine.ts';

export type TagQuery = { readonly job: string; readonly table: string; readonly withScores: boolean };

/** A job's rows of its tag table, in bytewise order of id. */
export async function readTags({ knex, engine }: Store, { job, table, withScores }: TagQuery): Promise<TagSet> {
  const builders = fields(withScores);
  // Streams bypass Knex, so the name is written out; a job's table is a plain identifier.
  const quote = engine.dialect === 'mysql' ? '`' : '"';
  const sql = `select ${builders.map(({ column }) => column).join(', ')} from ${quote}${table}${quote}
    where job = ? order by customer_id`;
  await engine.stream(knex, sql, [job], (row) => {
    for (let i = 0; i < builders.length; i++) builders[i]!.push(row[i]);
  });
  return tagSet(builders.map(({ finish }) => finish()));
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

function tagSet(columns: readonly Column[]): TagSet {
  const [customerId] = columns as [IdColumn];
  const order = sortedRows(customerId);
  const inOrder = order.every((row, position) => row === position);
  const [id, segment, segmentName, campaign, previousSegment, segmentSince, state, changeSeq, control, scores] = (
    inOrder ? columns : columns.map((column) => takeRows(column, order))
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
  return {
    rowCount: order.length,
    customerId: id,
    segment,
    segmentName,
    campaign,
    previousSegment,
    segmentSince,
    state,
    changeSeq: changeSeq.values,
    ...(countNulls(control) < order.length ? { control: Int8Array.from(control.values, flagOf) } : {}),
    ...(scores ? { scores } : {}),
  };
}

/** A null is NaN in a column of numbers. */
function flagOf(value: number): number {
  return Number.isNaN(value) ? -1 : value;
}
