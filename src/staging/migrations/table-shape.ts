import type { Knex } from 'knex';
import type { ColumnTypes } from '../engines/engine.ts';

/** Lengths in characters, the same on every engine. */
const lengths = {
  id: 255,
  runId: 128,
  slug: 64,
  segmentName: 128,
  campaign: 255,
  productId: 255,
  word: 32,
  hash: 64,
  table: 64,
} as const;

type Table = Knex.CreateTableBuilder;

/** Columns of the staging tables in terms of what they hold. */
export function columnsOf(table: Table, types: ColumnTypes) {
  const text =
    (length: number) =>
    (name: string): Knex.ColumnBuilder =>
      table.specificType(name, types.text(name, length));
  const typed =
    (type: string) =>
    (name: string): Knex.ColumnBuilder =>
      table.specificType(name, type);
  return {
    id: text(lengths.id),
    runId: text(lengths.runId),
    slug: text(lengths.slug),
    segmentName: text(lengths.segmentName),
    campaign: text(lengths.campaign),
    productId: text(lengths.productId),
    word: text(lengths.word),
    hash: text(lengths.hash),
    table: text(lengths.table),
    longText: typed(types.longText),
    date: (name: string): Knex.ColumnBuilder => table.specificType(name, types.date(name)),
    timestamp: typed(types.timestamp),
    bigint: typed(types.bigint),
    flag: typed('smallint'),
    double: (name: string): Knex.ColumnBuilder => table.double(name),
    json(name: string): void {
      table.specificType(name, types.json);
      if (!types.checksJson) table.check('json_valid(??)', [name]);
    },
  };
}
