import type { Knex } from 'knex';
import { sha256 } from '../../job/hash.ts';
import type { ColumnTypes, Engine } from '../engines/engine.ts';
import { columnsOf } from './table-shape.ts';

/** The table that campaign tools read; one that is already there is left as it is. */
export async function createTagTable(db: Knex, name: string, engine: Engine, types: ColumnTypes): Promise<void> {
  if (await db.schema.hasTable(name)) return;
  await db.schema.createTable(name, (table) => {
    engine.tableOptions(table);
    const column = columnsOf(table, types);
    column.slug('job').notNullable();
    column.id('customer_id').notNullable();
    column.slug('segment');
    column.segmentName('segment_name');
    column.campaign('campaign');
    column.slug('previous_segment');
    column.date('segment_since').notNullable();
    column.json('scores');
    column.word('state').notNullable();
    column.runId('run_id').notNullable();
    column.bigint('change_seq').notNullable();
    table.primary(['job', 'customer_id'], indexName(name, 'key'));
    table.index(['change_seq'], indexName(name, 'change_seq'));
  });
}

const longestIdentifier = 63;

/** A name of its own for each table, within PostgreSQL's limit. */
function indexName(table: string, suffix: string): string {
  const name = `${table}_${suffix}`;
  if (name.length <= longestIdentifier) return name;
  const hash = sha256(table).slice(0, 8);
  return `${table.slice(0, longestIdentifier - suffix.length - hash.length - 2)}_${hash}_${suffix}`;
}
