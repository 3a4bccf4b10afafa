import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentsOf, inFile, runJson } from '../support/night.ts';
import { writeConnections, type Ended, type TestProject } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers, type Customer } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const [sqlite, postgres] = stagingEngines;

/** Publishes a good night, lets the test break something, and checks that the next run changed nothing. */
async function breakNight(sabotage: (project: TestProject, database: StagingDatabase) => unknown): Promise<Ended> {
  const database = await sqlite!.fresh();
  const project = smallProject(database);
  await runJson(project, ['run', 'small']);
  const before = await contentsOf(database);
  await sabotage(project, database);
  const ended = await project.segtag(['run', 'small']);
  expect(await contentsOf(database)).toEqual(before);
  await database.drop();
  return ended;
}

function replaceRow(row: number, customer: Customer): (project: TestProject) => void {
  return (project) => writeCustomers(project, sixtyCustomers.with(row, customer));
}

describe('a night that goes wrong leaves the tags as they were, and says what to do', () => {
  it('when a segment name does not fit its column', async () => {
    const name = 'A name that goes on and on '.repeat(12);
    const ended = await breakNight((project) => edit(project, 'jobs/small.yaml', 'name: Recent', `name: ${name}`));
    expect(ended.exitCode).toBe(6);
    expect(ended.stderr).toMatch(/E_CRM_REFUSED_ROWS[\s\S]*segment_name[\s\S]*C000/);
  });

  it('when a feature is NaN', async () => {
    const ended = await breakNight(replaceRow(3, ['C003', 'NaN', 100]));
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toMatch(/E_FEATURE_NOT_FINITE[\s\S]*recency_days[\s\S]*C003/);
  });

  it('when a feature is null', async () => {
    const ended = await breakNight(replaceRow(3, ['C003', 5, '']));
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toMatch(/E_FEATURE_NOT_FINITE[\s\S]*value[\s\S]*C003/);
  });

  it('when a customer comes twice', async () => {
    const ended = await breakNight(replaceRow(3, ['C002', 5, 100]));
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toMatch(/E_TOO_MANY_INVALID[\s\S]*C002/);
  });

  it('when the source is empty', async () => {
    const ended = await breakNight((project) => edit(project, 'sql/small/customers.sql', 'WHERE', 'WHERE 1 = 0 AND'));
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain('E_EMPTY_READ');
  });

  it('when a column is missing', async () => {
    const ended = await breakNight((project) => edit(project, 'sql/small/customers.sql', ', value', ''));
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toMatch(/E_COLUMN_CONTRACT[\s\S]*value/);
  });

  it('when the SQL is wrong, with its file and line', async () => {
    const ended = await breakNight((project) => edit(project, 'sql/small/customers.sql', 'WHERE', 'WHER'));
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toMatch(/E_SQL_REJECTED\s+sql\/small\/customers\.sql:3/);
  });

  it('when half of the customers are gone', async () => {
    const ended = await breakNight((project) => writeCustomers(project, sixtyCustomers.slice(0, 40)));
    expect(ended.exitCode).toBe(5);
    expect(ended.stdout).toMatch(/held by leavers[\s\S]*segtag approve/);
  });

  it('when the staging file is read-only', async () => {
    const database = await sqlite!.fresh();
    const project = smallProject(database);
    await runJson(project, ['run', 'small']);
    const before = await contentsOf(database);
    const { file } = database.connection.config as { file: string };
    chmodSync(file, 0o444);
    const ended = await project.segtagHeldByPermissions(['run', 'small']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('E_STAGING_READ_ONLY');
    expect(await contentsOf(database)).toEqual(before);
    await database.drop();
  });

  postgres!.it('when PostgreSQL dies in mid-extract', async () => {
    const [database, source] = [await sqlite!.fresh(), await postgres!.fresh()];
    const project = smallProject(database);
    await runJson(project, ['run', 'small']);
    const before = await contentsOf(database);
    await source.query('create table customer (id text, recency_days int, value numeric)');
    await source.query("insert into customer select 'C' || n, n, n from generate_series(1, 5000) n");
    writeConnections(project.directory, {
      test: { connections: { warehouse: inFile(source.connection), crm: inFile(database.connection) } },
    });
    edit(project, 'jobs/small.yaml', 'labels:', 'retry: { budget_seconds: 0 }\nlabels:');
    edit(project, 'sql/small/customers.sql', 'value\n', 'value, CAST(pg_sleep(0.001) AS TEXT) AS slow\n');
    const running = project.segtag(['run', 'small']);
    const killed = await killSession(source);
    const ended = await running;
    expect(killed).toBe(true);
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain('E_WAREHOUSE_LOST');
    expect(await contentsOf(database)).toEqual(before);
    await database.drop();
    await source.drop();
  });
});

describe('what the run store says of a failed night', () => {
  it('is its error, and the next good night is not disturbed by it', async () => {
    const database = await sqlite!.fresh();
    const project = smallProject(database);
    await project.segtag(['run', 'small', '--set', 'x']);
    edit(project, 'sql/small/customers.sql', 'WHERE', 'WHERE 1 = 0 AND');
    await project.segtag(['run', 'small']);
    edit(project, 'sql/small/customers.sql', 'WHERE 1 = 0 AND', 'WHERE');
    await runJson(project, ['run', 'small']);
    const { stdout } = await project.segtag(['runs', '--json']);
    const { runs } = JSON.parse(stdout) as { runs: { status: string; errorCode: string | null }[] };
    expect(runs.map(({ status, errorCode }) => [status, errorCode])).toEqual([
      ['published', null],
      ['failed', 'E_EMPTY_READ'],
    ]);
    expect(existsSync(join(project.directory, 'var'))).toBe(false);
    await database.drop();
  });
});

/** Ends the session that reads the customers, once it does. */
async function killSession(source: StagingDatabase): Promise<boolean> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const killed = await source.query(
      `select pg_terminate_backend(pid) as killed from pg_stat_activity
       where application_name like 'segtag%' and query like '%pg_sleep%' and pid <> pg_backend_pid()`,
    );
    if (killed.length > 0) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
