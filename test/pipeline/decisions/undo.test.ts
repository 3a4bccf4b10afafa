import { describe, expect } from 'vitest';
import type { RestoreSummary } from '../../../src/pipeline/decisions/restore-summary.ts';
import type { Drift } from '../../../src/frame/tags.ts';
import { loadJob } from '../../../src/job/load-job.ts';
import { approveRun } from '../../../src/pipeline/decisions/decision.ts';
import { repair, rollBack } from '../../../src/pipeline/decisions/restore.ts';
import type { RunSummary } from '../../../src/pipeline/summary.ts';
import { nightOf, restoring, staged } from '../../support/in-process.ts';
import { runJson, tagsIn } from '../../support/night.ts';
import type { TestProject } from '../../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers, type Customer } from '../../support/small-project.ts';
import { stagingEngines, type Row, type StagingDatabase, type StagingEngine } from '../../support/staging-databases.ts';
import { failureOf } from '../../support/staging-fixtures.ts';

type Place = { readonly database: StagingDatabase; readonly project: TestProject };

async function place({ fresh }: StagingEngine): Promise<Place> {
  const database = await fresh();
  const project = smallProject(database);
  edit(project, 'jobs/small.yaml', 'labels:', 'guards: { moved: off, leavers: off }\nlabels:');
  await staged(database.connection, (staging) => staging.migrate(['segment_tag']));
  return { database, project };
}

/** The customers with these recencies instead of their own. */
function moved(changes: Readonly<Record<string, number>>, without: readonly string[] = []): Customer[] {
  const rows = sixtyCustomers.map(([id, recency, value]) => [id, changes[id] ?? recency, value] as const);
  return rows.filter(([id]) => !without.includes(id));
}

async function night({ project, database }: Place, asOf: string, customers: readonly Customer[]): Promise<RunSummary> {
  writeCustomers(project, customers);
  const summary = await nightOf(project, database.connection, asOf);
  expect(summary.run.status).toBe('published');
  return summary;
}

function rolledBack({ project, database }: Place, to: string): Promise<RestoreSummary> {
  return staged(database.connection, (staging) => rollBack(restoring(project, staging), to));
}

function approved({ project, database }: Place, runId: string): Promise<unknown> {
  const deciding = { now: new Date(), decidedBy: 'somebody@somewhere', reason: 'a test', allowOlder: false };
  const loaded = loadJob(project.directory, 'small');
  return staged(database.connection, (staging) => approveRun(staging, loaded, runId, deciding));
}

async function json(
  { project }: Place,
  args: readonly string[],
): Promise<{ exitCode: number | null; result: RestoreSummary }> {
  const { exitCode, stdout, stderr } = await project.segtag([...args, '--json']);
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

      const result = await rolledBack(here, first.run.id);
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

      const back = await rolledBack(here, third.run.id);
      expect(back.run.status).toBe('published');
      const again = byId(await tagsIn(database));
      for (const [id, row] of Object.entries(atThird))
        if (!['C006', 'C010'].includes(id)) expect(again[id]).toEqual(row);
      expect(await statuses(here)).toMatchObject({ [result.run.id]: 'rolled_back', [back.run.id]: 'published' });

      expect(back.notes).toEqual([]);
      edit(here.project, 'jobs/small.yaml', 'labels:', 'recommendations: {}\nlabels:');
      const { notes } = await rolledBack(here, first.run.id);
      expect(notes).toEqual([expect.stringMatching(/^Lists of recommendations are not brought back/)]);
      await database.drop();
    },
  );
});

describe.each(stagingEngines)('a row that somebody else has edited on $name', (engine) => {
  engine.it('is found, holds the night, and is brought back by a repair alone; foreign rows stay', async () => {
    const here = await place(engine);
    const { database, project } = here;
    const crm = database.connection;
    const drift = (): Promise<Drift> =>
      staged(crm, (staging) => staging.findDrift({ job: 'small', table: 'segment_tag' }));
    await night(here, '2026-03-01', sixtyCustomers);
    expect(await drift()).toEqual({ edited: [], missing: [], foreign: [] });
    const before = byId(await tagsIn(database));
    await database.query("update segment_tag set segment = 'gone' where customer_id = 'C000'");
    await database.query("delete from segment_tag where customer_id = 'C002'");
    await database.query(`insert into segment_tag (job, customer_id, segment, segment_since, state, run_id, change_seq)
      values ('small', 'C999', 'gone', '2026-01-01', 'active', 'by hand', 0), ('other', 'C000', 'x', '2026-01-01', 'active', 'x', 0)`);
    expect(await drift()).toEqual({ edited: ['C000'], missing: ['C002'], foreign: ['C999'] });

    writeCustomers(project, moved({ C004: 514, C000: 510 }));
    const { run, guards, counts } = await nightOf(project, crm, '2026-03-02');
    expect(run.status).toBe('held');
    expect(guards.filter(({ verdict }) => verdict === 'held').map(({ guard }) => guard)).toEqual(['drift']);
    expect(counts).toMatchObject({ moved: 1, left: 0, entered: 0 });

    const repaired = await staged(crm, (staging) => repair(restoring(project, staging)));
    expect(repaired).toMatchObject({ run: { status: 'published', trigger: 'repair' }, counts: { updated: 2 } });
    const after = byId(await tagsIn(database));
    expect([after.C000, after.C002]).toEqual([before.C000, before.C002]);
    const foreign = "select run_id from segment_tag where customer_id = 'C999' or job = 'other'";
    expect(await database.query(foreign)).toHaveLength(2);
    expect(await failureOf(approved(here, run.id))).toMatchObject({ code: 'E_STALE_PLAN' });
    expect(await drift()).toEqual({ edited: [], missing: [], foreign: ['C999'] });
    const next = await night(here, '2026-03-02', moved({ C004: 514, C000: 510 }));
    expect(next.counts).toMatchObject({ moved: 2, left: 0 });
    await database.drop();
  });

  engine.it('between plan and approval makes the plan stale', async () => {
    const here = await place(engine);
    const { database, project } = here;
    await night(here, '2026-03-01', sixtyCustomers);
    writeCustomers(project, moved({ C000: 510 }));
    const plan = await nightOf(project, database.connection, '2026-03-02', { mode: 'plan' });
    await database.query("update segment_tag set segment_name = 'edited' where customer_id = 'C000'");
    const refused = await failureOf(approved(here, plan.run.id));
    expect(refused).toMatchObject({ code: 'E_STALE_PLAN', message: expect.stringContaining('C000') });
    await database.drop();
  });
});

describe('segtag verify', () => {
  const [sqlite] = stagingEngines;

  sqlite!.it('exits 9 when rows differ, names them when asked to, and repairs them when told to', async () => {
    const here = await place(sqlite!);
    const { database, project } = here;
    await night(here, '2026-03-01', sixtyCustomers);
    expect((await project.segtag(['verify'])).exitCode).toBe(0);
    await database.query("update segment_tag set campaign = 'by hand' where customer_id = 'C000'");
    const found = await project.segtag(['verify', 'small', '--show-ids']);
    expect(found).toMatchObject({ exitCode: 9, stdout: expect.stringContaining('small, edited: C000') });
    expect((await project.segtag(['verify', 'small'])).stdout).not.toContain('C000');
    expect((await project.segtag(['verify', 'small', '--repair', '--reason', 'ours'])).exitCode).toBe(0);
    expect((await project.segtag(['verify', 'small', '--repair'])).stdout).toContain('Nothing to repair');
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
