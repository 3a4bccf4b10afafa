import { describe, expect, it } from 'vitest';
import { contentsOf, runJson, withPassword } from '../../support/night.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../../support/small-project.ts';
import { stagingEngines } from '../../support/staging-databases.ts';

const [sqlite, postgres] = stagingEngines;

async function publishedProject(asOf = '2026-03-01') {
  const database = await sqlite!.fresh();
  const project = smallProject(database);
  await runJson(project, ['run', 'small', '--as-of', asOf]);
  return { database, project };
}

const oneMore = [...sixtyCustomers, ['C900', 15, 120] as const];

describe('a date older than the published one', () => {
  it('is published neither by a run nor by approving a plan, unless asked for', async () => {
    const { project } = await publishedProject();
    writeCustomers(project, oneMore);
    expect((await project.segtag(['run', 'small', '--as-of', '2026-02-01'])).exitCode).toBe(8);
    const plan = await runJson(project, ['plan', 'small', '--as-of', '2026-02-01']);
    const refused = await project.segtag(['approve', plan.run.id]);
    expect(refused).toMatchObject({ exitCode: 8 });
    expect(refused.stderr).toContain('E_OLDER_THAN_PUBLISHED');
    expect((await project.segtag(['approve', plan.run.id, '--allow-older'])).exitCode).toBe(0);
  });

  it('counts a later night without a change', async () => {
    const { project } = await publishedProject('2026-07-01');
    expect((await runJson(project, ['run', 'small', '--as-of', '2026-08-01'])).run.status).toBe('no_change');
    writeCustomers(project, oneMore);
    expect((await project.segtag(['run', 'small', '--as-of', '2026-07-15'])).exitCode).toBe(8);
  });
});

describe('a plan', () => {
  it('gives way to a newer computed run, and its changes are dropped', async () => {
    const { database, project } = await publishedProject();
    writeCustomers(project, oneMore);
    const older = await runJson(project, ['plan', 'small', '--as-of', '2026-03-02']);
    const newer = await runJson(project, ['plan', 'small', '--as-of', '2026-03-02']);
    expect((await project.segtag(['approve', older.run.id])).stderr).toContain('superseded');
    const open = "run_id not in (select run_id from segtag_run where status = 'published')";
    const kept = await database.query(`select distinct run_id from segtag_candidate where ${open}`);
    expect(kept).toEqual([{ run_id: newer.run.id }]);
    expect((await project.segtag(['approve', newer.run.id])).exitCode).toBe(0);
    const shown = JSON.parse((await project.segtag(['show', newer.run.id, '--json'])).stdout) as {
      summary: { run: { status: string } };
    };
    expect(shown.summary.run.status).toBe('published');
  });

  it('that was rejected writes nothing and can no longer be approved', async () => {
    const { database, project } = await publishedProject();
    const before = await contentsOf(database);
    writeCustomers(project, oneMore);
    const { run } = await runJson(project, ['plan', 'small', '--as-of', '2026-03-02']);
    expect((await project.segtag(['reject', run.id])).exitCode).toBe(0);
    expect((await project.segtag(['approve', run.id])).exitCode).toBe(8);
    expect(await contentsOf(database)).toEqual(before);
  });
});

describe('a job that is told to publish to another table', () => {
  it('is refused, because its tags would stay behind in the first one', async () => {
    const { database, project } = await publishedProject();
    const before = await contentsOf(database);
    edit(project, 'jobs/small.yaml', 'labels:', 'publish: { table: other_tag }\nlabels:');
    const refused = await project.segtag(['run', 'small', '--as-of', '2026-03-02']);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/E_TABLE_CHANGED\s+jobs\/small\.yaml:\d+/);
    expect(await contentsOf(database)).toEqual(before);
  });
});

describe('a weekly refit that changes nothing', () => {
  it('is due again a week later, not the next night', async () => {
    const database = await sqlite!.fresh();
    const project = smallProject(database);
    edit(project, 'jobs/small.yaml', 'restarts: 5', 'restarts: 5, refit: weekly');
    const starts: string[] = [];
    for (const day of ['01', '08', '09', '14', '15']) {
      const { quality } = await runJson(project, ['run', 'small', '--as-of', `2026-01-${day}`]);
      starts.push(quality!.start);
    }
    expect(starts).toEqual(['cold', 'warm', 'assigned', 'assigned', 'warm']);
  });
});

describe('the run store', () => {
  postgres!.it('can be read on a server where no job uses the default table', async () => {
    const database = await postgres!.fresh();
    const env = withPassword(database.connection);
    const project = smallProject(database);
    edit(project, 'jobs/small.yaml', 'labels:', 'publish: { table: my_tag }\nlabels:');
    await project.segtag(['migrate'], env);
    const { run } = await runJson(project, ['run', 'small'], env);
    const { exitCode, stdout } = await project.segtag(['runs', '--json'], env);
    expect(exitCode).toBe(0);
    expect((JSON.parse(stdout) as { runs: { runId: string }[] }).runs.map(({ runId }) => runId)).toEqual([run.id]);
    await database.drop();
  });

  it('reading it makes no tag table', async () => {
    const database = await sqlite!.fresh();
    await smallProject(database).segtag(['runs']);
    expect(await database.query("select name from sqlite_master where name = 'segment_tag'")).toEqual([]);
  });
});
