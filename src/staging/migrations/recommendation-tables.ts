import type { Knex } from 'knex';
import type { ColumnTypes, Engine } from '../engines/engine.ts';
import { columnsOf } from './table-shape.ts';

/** The lists of products that campaign tools read, and the changes to them that a run has computed. */
export async function createRecommendationTables(db: Knex, engine: Engine, types: ColumnTypes): Promise<void> {
  await db.schema.createTable('product_recommendation', (table) => {
    engine.tableOptions(table);
    const column = columnsOf(table, types);
    column.slug('job').notNullable();
    column.word('subject_kind').notNullable();
    column.id('subject_id').notNullable();
    column.bigint('rank').notNullable();
    column.productId('product_id').notNullable();
    column.double('score').notNullable();
    column.longText('reason').notNullable();
    column.runId('run_id').notNullable();
    table.primary(['job', 'subject_kind', 'subject_id', 'rank'], 'product_recommendation_key');
  });
  await db.schema.createTable('segtag_recommendation', (table) => {
    engine.tableOptions(table);
    const column = columnsOf(table, types);
    column.runId('run_id').notNullable();
    column.word('subject_kind').notNullable();
    column.id('subject_id').notNullable();
    // 0 stands for a subject that is to have no list.
    column.bigint('item_rank').notNullable();
    column.productId('product_id');
    column.double('score');
    column.longText('reason');
    table.primary(['run_id', 'subject_kind', 'subject_id', 'item_rank'], 'segtag_recommendation_key');
  });
}
