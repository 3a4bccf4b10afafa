import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { contentsOf, runJson } from '../support/night.ts';
import type { TestProject } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;

/** Hands a project with sixty customers to a test and clears up behind it. */
async function withProject(test: (project: TestProject, database: StagingDatabase) => Promise<void>): Promise<void> {
  const database = await sqlite.fresh();
  await test(smallProject(database), database);
  await database.drop();
}

async function runHeld(project: TestProject): Promise<RunSummary> {
  const { exitCode, stdout, stderr } = await project.segtag(['run', 'small', '--json']);
  expect({ exitCode, stderr: exitCode === 5 ? '' : stderr }).toEqual({ exitCode: 5, stderr: '' });
  return JSON.parse(stdout) as RunSummary;
}

function heldBy({ guards }: RunSummary): string[] {
  return guards.filter(({ verdict }) => verdict === 'held').map(({ guard }) => guard);
}

const onlyRecent = sixtyCustomers.filter(([, recencyDays]) => Number(recencyDays) < 100);

describe('a published cluster that has no customers any more', () => {
  it('holds the night, and keeps its name for the customers to come', async () => {
    await withProject(async (project, database) => {
      edit(project, 'jobs/small.yaml', 'restarts: 5', 'restarts: 5, refit: never');
      await runJson(project, ['run', 'small']);
      const before = await contentsOf(database);
      writeCustomers(project, onlyRecent);
      const held = await runHeld(project);
      expect(heldBy(held)).toEqual(expect.arrayContaining(['labels', 'leavers', 'segment_vanishes']));
      expect(held.quality).toMatchObject({ start: 'assigned', silhouette: null, silhouette_sq: null });
      expect(held.segments.map(({ segment, customers }) => [segment, customers])).toEqual([
        ['recent', 30],
        ['gone', 0],
      ]);
      expect(await contentsOf(database)).toEqual(before);
      const { stderr } = await project.segtag(['run', 'small']);
      expect(stderr).not.toContain('NaN');
      expect((await project.segtag(['approve', held.run.id])).exitCode).toBe(0);

      writeCustomers(project, sixtyCustomers);
      const back = await runJson(project, ['run', 'small']);
      expect(back.segments.map(({ segment, customers }) => [segment, customers])).toEqual([
        ['recent', 30],
        ['gone', 30],
      ]);
    });
  });
});

describe('a number column beside the features that is null or infinite for some customers', () => {
  it('is profiled and shared out over the others, and says how many were left out', async () => {
    await withProject(async (project) => {
      edit(project, 'jobs/small.yaml', 'value: money', 'value: number, margin: money');
      const margin = `CASE id WHEN 'C000' THEN NULL WHEN 'C002' THEN CAST('NaN' AS DOUBLE)
        WHEN 'C001' THEN CAST('Infinity' AS DOUBLE) ELSE 2.0 END AS margin`;
      edit(project, 'sql/small/customers.sql', ', value\n', `, value, ${margin}\n`);
      const { segments } = await runJson(project, ['run', 'small']);
      const two = { mean: 2, median: 2, p10: 2, p90: 2, min: 2, max: 2 };
      expect(segments.map(({ profile }) => profile.margin)).toEqual([
        { ...two, missing: 2 },
        { ...two, missing: 1 },
      ]);
      expect(segments.map(({ profile }) => profile.value!.missing)).toEqual([0, 0]);
      expect(segments.map(({ value_share: share }) => share)).toEqual([28 / 57, 29 / 57]);
    });
  });

  it('has an empty profile where nobody has a value', async () => {
    await withProject(async (project) => {
      edit(project, 'sql/small/customers.sql', ', value\n', ', value, CAST(NULL AS DOUBLE) AS margin\n');
      const { segments } = await runJson(project, ['run', 'small']);
      const none = { mean: null, median: null, p10: null, p90: null, min: null, max: null };
      expect(segments[1]!.profile.margin).toEqual({ ...none, missing: 30 });
    });
  });
});

describe('a date column without a date', () => {
  it('only warns where the job says so', async () => {
    await withProject(async (project) => {
      edit(project, 'jobs/small.yaml', 'value: money', 'value: money, seen: date');
      const check = 'checks: [{ check: freshness, column: seen, max_age_days: 3, severity: warn }]';
      edit(project, 'jobs/small.yaml', 'features:', `${check}\nfeatures:`);
      edit(project, 'sql/small/customers.sql', ', value\n', ', value, CAST(NULL AS DATE) AS seen\n');
      const { checks } = await runJson(project, ['run', 'small']);
      expect(checks).toMatchObject([{ check: 'freshness', found: null, verdict: 'warned' }]);
    });
  });
});

describe('customers that keep their tag without being computed', () => {
  it('are still there for segment_vanishes, night after night', async () => {
    await withProject(async (project) => {
      const stays = 'publish: { leavers: keep }\nguards: { leavers: off, moved: off }';
      edit(project, 'jobs/small.yaml', 'restarts: 5 }', `restarts: 5, refit: never }\n${stays}`);
      edit(project, 'jobs/small.yaml', 'win-back, mandatory: true', 'win-back');
      await runJson(project, ['run', 'small']);
      writeCustomers(project, onlyRecent);
      const night = await runJson(project, ['run', 'small']);
      expect(night.run.status).toBe('no_change');
      expect(night.counts).toMatchObject({ kept: 30, left: 0, unchanged: 30 });
    });
  });
});
