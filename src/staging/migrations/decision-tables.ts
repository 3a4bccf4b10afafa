import type { Knex } from 'knex';
import type { ColumnTypes, Engine } from '../engines/engine.ts';
import { columnsOf } from './table-shape.ts';

/** Who decided what about a run, up to where the feed has been pruned, and what a run wrote and restored. */
export async function createDecisionTables(db: Knex, engine: Engine, types: ColumnTypes): Promise<void> {
  await db.schema.createTable('segtag_decision', (table) => {
    engine.tableOptions(table);
    const column = columnsOf(table, types);
    column.runId('run_id').notNullable();
    column.timestamp('decided_at').notNullable();
    column.word('action').notNullable();
    column.campaign('decided_by').notNullable();
    column.longText('reason');
    table.primary(['run_id', 'decided_at', 'action']);
  });
  await db.schema.createTable('segtag_floor', (table) => {
    engine.tableOptions(table);
    const column = columnsOf(table, types);
    column.slug('job').primary();
    column.bigint('change_seq').notNullable();
    column.bigint('publish_seq').notNullable();
  });
  await db.schema.alterTable('segtag_run', (table) => {
    const column = columnsOf(table, types);
    column.runId('restores');
    column.bigint('first_seq');
    column.bigint('last_seq');
  });
  await db.schema.alterTable('segtag_candidate', (table) => {
    columnsOf(table, types).flag('control');
  });
}

/** Tells the control group apart in the table that campaign tools read. */
export async function addControlColumn(db: Knex, name: string, types: ColumnTypes): Promise<void> {
  if (await db.schema.hasColumn(name, 'control')) return;
  await db.schema.alterTable(name, (table) => {
    columnsOf(table, types).flag('control');
  });
}
