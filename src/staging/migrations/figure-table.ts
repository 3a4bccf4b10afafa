import type { Knex } from 'knex';
import type { ColumnTypes, Engine } from '../engines/engine.ts';
import { columnsOf } from './table-shape.ts';

/** What the charts of a run's report are drawn from. */
export async function createFigureTable(db: Knex, engine: Engine, types: ColumnTypes): Promise<void> {
  await db.schema.createTable('segtag_figures', (table) => {
    engine.tableOptions(table);
    const column = columnsOf(table, types);
    column.runId('run_id').primary();
    column.slug('job').notNullable();
    column.longText('figures').notNullable();
  });
}
