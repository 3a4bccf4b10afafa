import type { Knex } from 'knex';
import type { ColumnTypes } from '../engines/engine.ts';
import { columnsOf } from './table-shape.ts';

/** How many rows a run left its job with, and the sum of their hashes as a decimal number. */
export async function addChecksumColumns(db: Knex, types: ColumnTypes): Promise<void> {
  await db.schema.alterTable('segtag_run', (table) => {
    const column = columnsOf(table, types);
    column.bigint('tag_rows');
    column.hash('tag_checksum');
  });
}
