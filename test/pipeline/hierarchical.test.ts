import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inFile, runJson, tagsIn } from '../support/night.ts';
import { itWithData, makeProject, sharedData } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../support/small-project.ts';
import { stagingEngines } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;

describe("a job by Ward's method", () => {
  itWithData('online-retail')('publishes the cut that others have published of 4,214 customers', async () => {
    const database = await sqlite.fresh();
    const views = { customer: join(sharedData, 'online-retail', 'expected', 'seed001_fm_4214.csv.gz') };
    const connections = { warehouse: { client: 'duckdb', views }, crm: inFile(database.connection) };
    const project = makeProject('test/projects/units', { test: { as_of: '2011-12-10', connections } });
    const summary = await runJson(project, ['run', 'units']);
    const sizes = Object.fromEntries(summary.segments.map(({ segment, customers }) => [segment, customers]));
    expect(summary.run.status).toBe('published');
    expect(sizes).toEqual({ small: 3637, high_ticket: 461, bulk: 116 });
    expect(summary.quality).toMatchObject({ start: 'cold', converged: true });
    expect(summary.quality!.davies_bouldin).toBeCloseTo(0.7852834004038303, 9);
    expect((await runJson(project, ['run', 'units'])).run.status).toBe('no_change');
    await database.drop();
  });

  it('assigns newcomers to the centroids of the cut on nights without a fit', async () => {
    const database = await sqlite.fresh();
    const project = smallProject(database);
    edit(project, 'jobs/small.yaml', '{ method: kmeans, k: 2, seed: 1, restarts: 5 }', 'WARD');
    edit(project, 'jobs/small.yaml', 'WARD', '{ method: hierarchical, k: 2, refit: never }');
    await runJson(project, ['run', 'small']);
    expect((await runJson(project, ['run', 'small'])).run.status).toBe('no_change');
    writeCustomers(project, [...sixtyCustomers, ['NEW', 700, 120]]);
    const night = await runJson(project, ['run', 'small', '--as-of', '2026-07-01']);
    expect(night.quality).toMatchObject({ start: 'assigned', k: 2 });
    const newcomer = (await tagsIn(database)).find(({ customer_id: id }) => id === 'NEW');
    expect(newcomer).toMatchObject({ segment: 'gone' });
    await database.drop();
  });
});
