import type { Knex } from 'knex';
import { SegtagError } from '../errors.ts';
import type { Engine, Store } from './engines/engine.ts';
import { createAlertTables } from './migrations/alert-tables.ts';
import { addChecksumColumns } from './migrations/checksum-columns.ts';
import { addControlColumn, createDecisionTables } from './migrations/decision-tables.ts';
import { createFigureTable } from './migrations/figure-table.ts';
import { createOperationsTables } from './migrations/operations-tables.ts';
import { createRecommendationTables } from './migrations/recommendation-tables.ts';
import { createServiceTables, serviceTables } from './migrations/service-tables.ts';
import { createTagTable } from './migrations/tag-table.ts';

type Migration = { readonly name: string; up(db: Knex): Promise<void> };

const migrationTable = 'segtag_migration';
const serviceMigration = '0001_service_tables';
const operationsMigration = '0003_operations_tables';
const alertMigration = '0004_alert_tables';
const decisionMigration = '0005_decision_tables';
const recommendationMigration = '0007_recommendation_tables';
const figureMigration = '0008_figure_table';
const checksumMigration = '0009_tag_checksum';
const tagTableMigration = (table: string): string => `0002_tag_table ${table}`;
const controlMigration = (table: string): string => `0006_control_group ${table}`;

/** Creates what is missing of the service's own tables and of the given tag tables; names what it did. */
export async function migrate({ knex, engine }: Store, tables: readonly string[]): Promise<readonly string[]> {
  refuseServiceNames(tables);
  return engine.underMigrationLock(knex, async (db) => {
    const types = await engine.columnTypes(db);
    const migrations: readonly Migration[] = [
      { name: serviceMigration, up: (trx) => createServiceTables(trx, engine, types) },
      { name: operationsMigration, up: (trx) => createOperationsTables(trx, engine, types) },
      { name: alertMigration, up: (trx) => createAlertTables(trx, engine, types) },
      { name: decisionMigration, up: (trx) => createDecisionTables(trx, engine, types) },
      { name: recommendationMigration, up: (trx) => createRecommendationTables(trx, engine, types) },
      { name: figureMigration, up: (trx) => createFigureTable(trx, engine, types) },
      { name: checksumMigration, up: (trx) => addChecksumColumns(trx, types) },
      ...[...new Set(tables)].flatMap((table) => [
        { name: tagTableMigration(table), up: (trx: Knex) => createTagTable(trx, table, engine, types) },
        { name: controlMigration(table), up: (trx: Knex) => addControlColumn(trx, table, types) },
      ]),
    ];
    await freeLockOfKilledProcess(db, engine);
    const [, applied] = (await db.migrate.latest(migratorConfig(migrations))) as [number, string[]];
    return applied;
  });
}

/** Which migrations the service and these tag tables need and the database lacks. */
export async function missingMigrations(
  { knex, engine }: Store,
  tables: readonly string[],
): Promise<readonly string[]> {
  refuseServiceNames(tables);
  const needed = [
    serviceMigration,
    operationsMigration,
    alertMigration,
    decisionMigration,
    recommendationMigration,
    figureMigration,
    checksumMigration,
    ...tables.flatMap((table) => [tagTableMigration(table), controlMigration(table)]),
  ];
  try {
    const { rows } = await engine.run(
      knex,
      `select name from ${migrationTable} where name in (${needed.map(() => '?').join(', ')})`,
      needed,
    );
    const done = new Set(rows.map(({ name }) => name));
    return needed.filter((name) => !done.has(name));
  } catch (error) {
    if (engine.classify(error)?.code === 'E_NOT_MIGRATED') return needed;
    throw error;
  }
}

function migratorConfig(migrations: readonly Migration[]): Knex.MigratorConfig {
  return {
    tableName: migrationTable,
    // Which tag tables there are depends on the jobs, so completed ones may be absent from the list.
    disableMigrationsListValidation: true,
    migrationSource: {
      getMigrations: async () => [...migrations],
      getMigrationName: ({ name }) => name,
      getMigration: async ({ up }) => ({ up, down: async () => {} }),
    } satisfies Knex.MigrationSource<Migration>,
  };
}

/** Knex leaves its own lock behind when a process is killed; ours has gone with that process's connection. */
async function freeLockOfKilledProcess(db: Knex, engine: Engine): Promise<void> {
  if (await db.schema.hasTable(`${migrationTable}_lock`))
    await engine.run(db, `update ${migrationTable}_lock set is_locked = 0 where is_locked = 1`, []);
}

function refuseServiceNames(tables: readonly string[]): void {
  const taken = tables.find((table) => serviceTables.includes(table.toLowerCase()));
  if (taken === undefined) return;
  throw new SegtagError('E_JOB_INVALID', {
    where: 'publish.table',
    what: `The table ${taken} is one of segtag's own.`,
    remedy: 'Choose another name for the tags, such as segment_tag.',
  });
}
