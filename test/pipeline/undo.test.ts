import { describe, expect } from 'vitest';
import type { RestoreSummary } from '../../src/pipeline/restore-summary.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { runJson, tagsIn, withPassword } from '../support/night.ts';
import type { TestProject } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers, type Customer } from '../support/small-project.ts';
import { stagingEngines, type Row, type StagingDatabase, type StagingEngine } from '../support/staging-databases.ts';

type Place = {
  readonly database: StagingDatabase;
  readonly project: TestProject;
  readonly env: Record<string, string>;
};

async function place({ fresh }: StagingEngine): Promise<Place> {
  const database = await fresh();
  const env = withPassword(database.connection);
  const project = smallProject(database);
  edit(project, 'jobs/small.yaml', 'labels:', 'guards: { moved: off, leavers: off }\nlabels:');
  await project.segtag(['migrate'], env);
  return { database, project, env };
}

/** The customers with these recencies instead of their own. */
function moved(changes: Readonly<Record<string, number>>, without: readonly string[] = []): Customer[] {
  const rows = sixtyCustomers.map(([id, recency, value]) => [id, changes[id] ?? recency, value] as const);
  return rows.filter(([id]) => !without.includes(id));
}

async function night({ project, env }: Place, asOf: string, customers: readonly Customer[]): Promise<RunSummary> {
  writeCustomers(project, customers);
  const summary = await runJson(project, ['run', 'small', '--as-of', asOf], env);
  expect(summary.run.status).toBe('published');
  return summary;
}

async function json(
  { project, env }: Place,
  args: readonly string[],
): Promise<{ exitCode: number | null; result: RestoreSummary }> {
  const { exitCode, stdout, stderr } = await project.segtag([...args, '--json'], env);
  if (stdout === '') throw new Error(stderr);
  return { exitCode, result: JSON.parse(stdout) as RestoreSummary };
}

async function statuses({ database }: Place): Promise<Record<string, string>> {
  const rows = await database.query('select run_id, status from segtag_run');
  return Object.fromEntries(rows.map((row) => [String(row.run_id), String(row.status)]));
}

/** What the feed says of each customer, folded: the segment of the newest change. */
async function folded({ database }: Place): Promise<Record<string, unknown>> {
  const changes = await database.query(
    "select customer_id, to_segment from segment_change where job = 'small' order by change_seq",
  );
  return Object.fromEntries(changes.map((change) => [String(change.customer_id), change.to_segment]));
}

const byId = (rows: readonly Row[]): Record<string, Row> =>
  Object.fromEntries(rows.map((row) => [String(row.customer_id), row]));

describe.each(stagingEngines)('three nights of moves on $name', (engine) => {
  engine.it(
    'are rolled back to the first but for rows that others wrote, and a second rollback undoes that',
    async () => {
      const here = await place(engine);
      const { database } = here;
      const first = await night(here, '2026-03-01', sixtyCustomers);
      const atFirst = byId(await tagsIn(database));
      await night(here, '2026-03-02', moved({ C000: 510, C002: 512 }, ['C059']));
      await night(here, '2026-03-03', [...moved({ C000: 510, C002: 12, C004: 514 }, ['C059']), ['C900', 15, 120]]);
      const third = await night(here, '2026-03-04', moved({ C000: 510, C006: 516, C008: 518 }));
      const atThird = byId(await tagsIn(database));
      await database.query("update segment_tag set campaign = 'by hand' where customer_id in ('C006', 'C010')");

      const { exitCode, result } = await json(here, [
        'rollback',
        'small',
        '--to',
        first.run.id,
        '--reason',
        'bad source',
        '--show-ids',
      ]);
      expect(exitCode).toBe(0);
      expect(result.conflicts).toEqual({ customers: 2, customer_ids: ['C006', 'C010'] });
      const after = byId(await tagsIn(database));
      for (const [id, row] of Object.entries(atFirst))
        if (id !== 'C006' && id !== 'C010') expect(after[id]).toEqual(row);
      expect(after.C900).toMatchObject({ state: 'left', segment: null });
      expect(after.C006).toMatchObject({ campaign: 'by hand', segment: 'gone' });
      expect(await folded(here)).toEqual(
        Object.fromEntries(Object.entries(after).map(([id, row]) => [id, row.segment])),
      );
      expect((await statuses(here))[third.run.id]).toBe('rolled_back');
      expect((await statuses(here))[first.run.id]).toBe('published');

      const { result: back } = await json(here, [
        'rollback',
        'small',
        '--to',
        third.run.id,
        '--reason',
        'it was right',
      ]);
      expect(back.run.status).toBe('published');
      const again = byId(await tagsIn(database));
      for (const [id, row] of Object.entries(atThird))
        if (!['C006', 'C010'].includes(id)) expect(again[id]).toEqual(row);
      expect(await statuses(here)).toMatchObject({ [result.run.id]: 'rolled_back', [back.run.id]: 'published' });
      await database.drop();
    },
  );
});

describe.each(stagingEngines)('a row that somebody else has edited on $name', (engine) => {
  engine.it('is found by verify, holds the night, and is brought back by a repair alone', async () => {
    const here = await place(engine);
    const { database, project, env } = here;
    await night(here, '2026-03-01', sixtyCustomers);
    expect((await project.segtag(['verify', 'small'], env)).exitCode).toBe(0);
    const before = byId(await tagsIn(database));
    await database.query("update segment_tag set segment = 'gone' where customer_id = 'C000'");
    await database.query("delete from segment_tag where customer_id = 'C002'");
    await database.query(`insert into segment_tag (job, customer_id, segment, segment_since, state, run_id, change_seq)
      values ('small', 'C999', 'gone', '2026-01-01', 'active', 'by hand', 0), ('other', 'C000', 'x', '2026-01-01', 'active', 'x', 0)`);
    const found = await project.segtag(['verify', 'small', '--json', '--show-ids'], env);
    expect(found.exitCode).toBe(9);
    expect(JSON.parse(found.stdout)).toMatchObject({
      jobs: [{ job: 'small', customer_ids: { edited: ['C000'], missing: ['C002'], foreign: ['C999'] } }],
    });

    writeCustomers(project, moved({ C004: 514, C000: 510 }));
    const held = await project.segtag(['run', 'small', '--as-of', '2026-03-02', '--json'], env);
    expect(held.exitCode).toBe(5);
    const { run, guards, counts } = JSON.parse(held.stdout) as RunSummary;
    expect(guards.filter(({ verdict }) => verdict === 'held').map(({ guard }) => guard)).toEqual(['drift']);
    expect(counts).toMatchObject({ moved: 1, left: 0, entered: 0 });

    const repaired = await json(here, ['verify', 'small', '--repair', '--reason', 'a mistake of ours']);
    expect(repaired).toMatchObject({ exitCode: 0, result: { run: { status: 'published', trigger: 'repair' } } });
    const after = byId(await tagsIn(database));
    expect(after.C000).toEqual(before.C000);
    expect(after.C002).toEqual(before.C002);
    expect(
      (await database.query("select run_id from segment_tag where customer_id = 'C999' or job = 'other'")).length,
    ).toBe(2);
    expect((await project.segtag(['approve', run.id, '--reason', 'late'], env)).exitCode).toBe(8);
    const clean = await project.segtag(['verify', 'small', '--json'], env);
    expect(JSON.parse(clean.stdout)).toMatchObject({ jobs: [{ edited: 0, missing: 0, foreign: 1 }] });
    const next = await night(here, '2026-03-02', moved({ C004: 514, C000: 510 }));
    expect(next.counts).toMatchObject({ moved: 2, left: 0 });
    await database.drop();
  });

  engine.it('between plan and approval makes the plan stale', async () => {
    const here = await place(engine);
    const { database, project, env } = here;
    await night(here, '2026-03-01', sixtyCustomers);
    writeCustomers(project, moved({ C000: 510 }));
    const plan = await runJson(project, ['plan', 'small', '--as-of', '2026-03-02'], env);
    await database.query("update segment_tag set segment_name = 'edited' where customer_id = 'C000'");
    const refused = await project.segtag(['approve', plan.run.id], env);
    expect(refused).toMatchObject({ exitCode: 8, stderr: expect.stringContaining('C000') });
    await database.drop();
  });
});

describe('a rollback', () => {
  const [sqlite] = stagingEngines;

  sqlite!.it('holds the night that would do again what it undid, until a person approves', async () => {
    const here = await place(sqlite!);
    const { project, database } = here;
    const first = await night(here, '2026-03-01', sixtyCustomers);
    await night(here, '2026-03-02', moved({ C000: 510 }));
    await json(here, ['rollback', 'small', '--to', first.run.id]);
    const held = await project.segtag(['run', 'small', '--as-of', '2026-03-02', '--json']);
    expect(held.exitCode).toBe(5);
    const { run, guards } = JSON.parse(held.stdout) as RunSummary;
    expect(guards.find(({ guard }) => guard === 'rollback')).toMatchObject({ verdict: 'held', found: '1' });
    expect((await project.segtag(['approve', run.id, '--reason', 'it was right after all'])).exitCode).toBe(0);
    expect(byId(await tagsIn(database)).C000).toMatchObject({ segment: 'gone' });
    expect((await runJson(project, ['run', 'small', '--as-of', '2026-03-03'])).run.status).toBe('no_change');
    await database.drop();
  });

  sqlite!.it('can be planned first, is held by the guards of the job, and tells who decided and why', async () => {
    const here = await place(sqlite!);
    const { project, database } = here;
    const first = await night(here, '2026-03-01', sixtyCustomers);
    const many = Object.fromEntries(
      sixtyCustomers.slice(0, 30).map(([id, recency]) => [id, Number(recency) < 100 ? 520 : 20]),
    );
    await night(here, '2026-03-02', moved(many));
    const before = await tagsIn(database);
    const planned = await json(here, ['rollback', 'small', '--to', first.run.id, '--plan']);
    expect(planned).toMatchObject({ exitCode: 0, result: { run: { status: 'planned' }, counts: { moved: 30 } } });
    expect(await tagsIn(database)).toEqual(before);
    edit(project, 'jobs/small.yaml', 'moved: off', 'moved: { max: 10% }');
    const held = await json(here, ['rollback', 'small', '--to', first.run.id, '--reason', 'wrong']);
    expect(held).toMatchObject({ exitCode: 5, result: { run: { status: 'held' } } });
    const { id } = held.result.run;
    expect((await project.segtag(['approve', id, '--reason', 'I looked at it'])).exitCode).toBe(0);
    const shown = JSON.parse((await project.segtag(['show', id, '--json'])).stdout) as { decisions: Row[] };
    expect(shown.decisions).toMatchObject([
      { action: 'rollback', reason: 'wrong', decidedBy: expect.stringContaining('@') },
      { action: 'approve', reason: 'I looked at it' },
    ]);
    expect((await project.segtag(['show', id])).stdout).toMatch(/approve by .+@.+ at 20.+Z: I looked at it/);
    const { runs } = JSON.parse((await project.segtag(['runs', '--json'])).stdout) as {
      runs: { runId: string; decisions: Row[] }[];
    };
    expect(runs.find(({ runId }) => runId === id)!.decisions).toHaveLength(2);
    await database.drop();
  });
});
