import { describe, expect, it } from 'vitest';
import { contentsOf, inFile, runJson, tagsIn, withPassword } from '../support/night.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;

function sampleProject(database: StagingDatabase): TestProject {
  const warehouse = { client: 'duckdb', file: 'var/sample.duckdb', build: 'sql/sample' };
  const connections = { warehouse, crm: inFile(database.connection) };
  return makeProject('.', { sample: { as_of: '2026-06-30', connections } });
}

describe('the sample job', () => {
  it('publishes six named segments, then changes nothing, then moves customers on a later day, once', async () => {
    const database = await sqlite.fresh();
    const project = sampleProject(database);
    const first = await runJson(project, ['run', 'opportunities']);
    expect(first.run.status).toBe('published');
    const named = first.segments.map(({ segment, customers }) => [segment, customers > 0]);
    expect(Object.fromEntries(named)).toEqual({
      abm: true,
      cross_sell: true,
      renewal: true,
      worth_winning: true,
      let_go: true,
      key_account: true,
    });
    const medianOf = (slug: string): number =>
      first.segments.find(({ segment }) => segment === slug)!.profile['value']!.median!;
    expect(medianOf('worth_winning')).toBeGreaterThan(1.5 * medianOf('let_go'));
    const published = await contentsOf(database);
    expect(published.tags).toHaveLength(first.counts.extracted);
    expect(published.changes).toHaveLength(first.counts.entered);

    const second = await runJson(project, ['run', 'opportunities']);
    expect(second.run.status).toBe('no_change');
    expect(second.counts).toMatchObject({
      entered: 0,
      moved: 0,
      left: 0,
      updated: 0,
      unchanged: first.counts.extracted,
    });
    expect(await contentsOf(database)).toEqual(published);

    const later = await runJson(project, ['run', 'opportunities', '--as-of', '2026-07-31']);
    expect(later.run.status).toBe('published');
    expect(later.counts.moved).toBeGreaterThan(50);
    const between = later.moves.filter(({ from, to }) => from !== null && to !== null);
    expect(between.reduce((sum, { customers }) => sum + customers, 0)).toBe(later.counts.moved);
    expect(later.sample.every(({ customer_id: id, reason }) => id === undefined && reason !== '')).toBe(true);

    // More than a thousand customers, some of whom have left: each of them once, however often the night is run.
    expect(later.counts.left).toBeGreaterThan(0);
    const moved = await contentsOf(database);
    const again = await runJson(project, ['run', 'opportunities', '--as-of', '2026-07-31']);
    expect(again.run.status).toBe('no_change');
    expect(await contentsOf(database)).toEqual(moved);

    const older = await project.segtag(['run', 'opportunities']);
    expect(older.exitCode).toBe(8);
    expect(older.stderr).toContain('E_OLDER_THAN_PUBLISHED');
    await database.drop();
  });
});

for (const engine of stagingEngines) {
  describe(`a night published to ${engine.name}`, () => {
    engine.it('is planned without a tag being written, then approved as it was planned', async () => {
      const database = await engine.fresh();
      const env = withPassword(database.connection);
      const project = smallProject(database);
      await project.segtag(['migrate'], env);
      await runJson(project, ['run', 'small'], env);
      const before = await contentsOf(database);
      writeCustomers(project, [...sixtyCustomers.slice(2), ['C900', 15, 120], ['C901', 505, 120]]);
      const plan = await runJson(project, ['plan', 'small'], env);
      expect(plan).toMatchObject({ run: { status: 'planned' }, counts: { entered: 2, left: 2, moved: 0 } });
      expect(await contentsOf(database)).toEqual(before);
      expect(await project.segtag(['approve', plan.run.id], env)).toMatchObject({ exitCode: 0 });
      const tags = await tagsIn(database);
      const stateOf = Object.fromEntries(tags.map(({ customer_id: id, state, segment }) => [id, [state, segment]]));
      expect(stateOf).toMatchObject({
        C000: ['left', null],
        C001: ['left', null],
        C900: ['active', 'recent'],
        C901: ['active', 'gone'],
      });
      const { changes } = await contentsOf(database);
      expect(changes!.map(({ change_seq: seq }) => Number(seq))).toEqual(changes!.map((_, i) => i + 1));
      expect((await project.segtag(['approve', plan.run.id], env)).exitCode).toBe(8);
      await database.drop();
    });

    engine.it('says the same whatever order the source rows come in', async () => {
      const [database, other] = [await engine.fresh(), await engine.fresh()];
      const env = withPassword(database.connection);
      for (const [staging, customers] of [
        [database, sixtyCustomers],
        [other, sixtyCustomers.toReversed()],
      ] as const) {
        const project = smallProject(staging, customers);
        await project.segtag(['migrate'], env);
        await runJson(project, ['run', 'small', '--threads', staging === other ? '2' : '1'], env);
      }
      expect(await tagsIn(other)).toEqual(await tagsIn(database));
      await database.drop();
      await other.drop();
    });
  });
}

describe('a job that now shapes its features differently', () => {
  it('holds its first night, and goes on from there once approved', async () => {
    const database = await sqlite.fresh();
    const project = smallProject(database);
    await runJson(project, ['run', 'small']);
    edit(project, 'jobs/small.yaml', 'log1p, scale: zscore', 'log1p, scale: zscore, weight: 0.9');
    const held = await project.segtag(['run', 'small', '--json']);
    expect(held.exitCode).toBe(5);
    const { run, guards } = JSON.parse(held.stdout) as Awaited<ReturnType<typeof runJson>>;
    expect(guards.filter(({ verdict }) => verdict === 'held').map(({ guard }) => guard)).toEqual(['scale']);
    const refused = await project.segtag(['approve', run.id]);
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--reason') });
    expect((await project.segtag(['approve', run.id, '--reason', 'a new scale'])).exitCode).toBe(0);
    expect((await runJson(project, ['run', 'small'])).run.status).toBe('no_change');
    await database.drop();
  });
});

describe('the result as JSON', () => {
  it('is one object with the fields that scripts rely on', async () => {
    const database = await sqlite.fresh();
    const summary = await runJson(smallProject(database), ['run', 'small']);
    expect(summary).toMatchObject({
      schemaVersion: 1,
      run: {
        id: expect.stringMatching(/^small-\d{8}T\d{6}Z-[a-z2-7]{4}$/),
        job: 'small',
        status: 'published',
        as_of: '2026-06-30',
      },
      counts: { extracted: 60, invalid: 0, outliers: 0, entered: 60, moved: 0, left: 0, unchanged: 0 },
      quality: { k: 2, converged: true },
    });
    expect(
      summary.segments.map(({ segment, name, customers, share }) => ({ segment, name, customers, share })),
    ).toEqual([
      { segment: 'recent', name: 'Recent', customers: 30, share: 0.5 },
      { segment: 'gone', name: 'Gone', customers: 30, share: 0.5 },
    ]);
    const { p10, p90, ...rest } = summary.segments[0]!.profile.recency_days!;
    expect([p10, p90]).toEqual([expect.closeTo(15.8, 9), expect.closeTo(62.2, 9)]);
    expect(rest).toMatchObject({ median: 39, min: null, max: null });
    expect(summary.guards.length).toBeGreaterThan(3);
    await database.drop();
  });
});
