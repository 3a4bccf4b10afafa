import type { Knex } from 'knex';
import type { ColumnTypes, Engine } from '../engines/engine.ts';
import { columnsOf } from './table-shape.ts';

/** Names that no job may use for its tags. */
export const serviceTables: readonly string[] = [
  'segment_change',
  'product_recommendation',
  'segtag_run',
  'segtag_model',
  'segtag_figures',
  'segtag_candidate',
  'segtag_recommendation',
  'segtag_sequence',
  'segtag_lease',
  'segtag_slot',
  'segtag_consumer',
  'segtag_alert',
  'segtag_alert_message',
  'segtag_decision',
  'segtag_floor',
  'segtag_migration',
  'segtag_migration_lock',
];

/** The change feed, the runs with their models and candidates, and the sequences. */
export async function createServiceTables(db: Knex, engine: Engine, types: ColumnTypes): Promise<void> {
  const create = (name: string, define: (table: Knex.CreateTableBuilder) => void): Promise<void> =>
    db.schema.createTable(name, (table) => {
      engine.tableOptions(table);
      define(table);
    });
  await create('segment_change', (table) => changeColumns(table, types));
  await create('segtag_run', (table) => runColumns(table, types));
  await create('segtag_model', (table) => {
    const column = columnsOf(table, types);
    column.runId('run_id').primary();
    column.slug('job').notNullable();
    column.longText('model').notNullable();
  });
  await create('segtag_candidate', (table) => candidateColumns(table, types));
  await create('segtag_sequence', (table) => {
    const column = columnsOf(table, types);
    column.word('name').primary();
    column.bigint('value').notNullable();
  });
  await db('segtag_sequence').insert([
    { name: 'change_seq', value: 0 },
    { name: 'publish_seq', value: 0 },
  ]);
}

function changeColumns(table: Knex.CreateTableBuilder, types: ColumnTypes): void {
  const column = columnsOf(table, types);
  column.bigint('change_seq').primary();
  column.slug('job').notNullable();
  column.id('customer_id').notNullable();
  column.word('kind').notNullable();
  column.slug('from_segment');
  column.slug('to_segment');
  column.runId('run_id').notNullable();
  column.timestamp('changed_at').notNullable();
  table.index(['job', 'customer_id'], 'segment_change_customer');
}

function runColumns(table: Knex.CreateTableBuilder, types: ColumnTypes): void {
  const column = columnsOf(table, types);
  column.runId('run_id').primary();
  column.slug('job').notNullable();
  column.table('target_table').notNullable();
  column.word('status').notNullable();
  column.word('trigger').notNullable();
  column.timestamp('slot');
  column.date('as_of').notNullable();
  column.runId('base_run_id');
  column.hash('job_hash');
  column.hash('sql_hash');
  column.hash('data_hash');
  column.longText('counts').notNullable();
  column.longText('timings').notNullable();
  column.longText('summary').notNullable();
  column.word('error_code');
  column.longText('error_message');
  column.timestamp('started_at').notNullable();
  column.timestamp('finished_at');
  column.timestamp('published_at');
  column.bigint('publish_seq');
  table.index(['job', 'started_at'], 'segtag_run_started');
  table.index(['job', 'publish_seq'], 'segtag_run_published');
}

function candidateColumns(table: Knex.CreateTableBuilder, types: ColumnTypes): void {
  const column = columnsOf(table, types);
  column.runId('run_id').notNullable();
  column.bigint('position').notNullable();
  column.id('customer_id').notNullable();
  column.word('kind').notNullable();
  column.bigint('expected_change_seq');
  column.slug('from_segment');
  column.slug('segment');
  column.segmentName('segment_name');
  column.campaign('campaign');
  column.slug('previous_segment');
  column.date('segment_since').notNullable();
  column.json('scores');
  column.word('state').notNullable();
  table.primary(['run_id', 'position']);
}
