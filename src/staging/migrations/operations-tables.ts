import type { Knex } from 'knex';
import type { ColumnTypes, Engine } from '../engines/engine.ts';
import { columnsOf } from './table-shape.ts';

/** Who runs a job right now, which slots of its schedule were taken, and how far readers of the feed have come. Times are the database's own, in milliseconds. */
export async function createOperationsTables(db: Knex, engine: Engine, types: ColumnTypes): Promise<void> {
  await db.schema.createTable('segtag_lease', (table) => {
    engine.tableOptions(table);
    const column = columnsOf(table, types);
    column.slug('job').primary();
    column.bigint('token').notNullable();
    column.runId('run_id');
    column.campaign('holder');
    column.bigint('acquired_ms').notNullable();
    column.bigint('expires_ms').notNullable();
  });
  await db.schema.createTable('segtag_slot', (table) => {
    engine.tableOptions(table);
    const column = columnsOf(table, types);
    column.slug('job').notNullable();
    column.timestamp('scheduled_at').notNullable();
    column.runId('run_id').notNullable();
    column.campaign('claimed_by').notNullable();
    column.bigint('claimed_ms').notNullable();
    table.primary(['job', 'scheduled_at']);
  });
  await db.schema.createTable('segtag_consumer', (table) => {
    engine.tableOptions(table);
    const column = columnsOf(table, types);
    column.slug('consumer').primary();
    column.bigint('position').notNullable();
    column.bigint('acknowledged_ms').notNullable();
  });
}
