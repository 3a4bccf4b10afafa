import type { Knex } from 'knex';
import type { ColumnTypes, Engine } from '../engines/engine.ts';
import { columnsOf } from './table-shape.ts';

/** Which conditions of which jobs last, and the messages about them that no channel has taken yet. */
export async function createAlertTables(db: Knex, engine: Engine, types: ColumnTypes): Promise<void> {
  await db.schema.createTable('segtag_alert', (table) => {
    engine.tableOptions(table);
    const column = columnsOf(table, types);
    column.slug('job').notNullable();
    column.word('alert').notNullable();
    column.bigint('since_ms');
    column.bigint('observed_ms').notNullable();
    column.bigint('occurrences').notNullable();
    column.runId('run_id');
    table.primary(['job', 'alert']);
  });
  await db.schema.createTable('segtag_alert_message', (table) => {
    engine.tableOptions(table);
    const column = columnsOf(table, types);
    column.word('message_id').notNullable();
    column.word('channel').notNullable();
    column.slug('job').notNullable();
    column.bigint('created_ms').notNullable();
    column.bigint('claimed_ms').notNullable();
    column.longText('body').notNullable();
    table.primary(['message_id', 'channel']);
    table.index(['job', 'created_ms'], 'segtag_alert_message_job');
  });
}
