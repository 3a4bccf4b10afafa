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
