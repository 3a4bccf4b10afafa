import { expect } from 'vitest';
import { tagsIn } from '../night.ts';
import type { Row, StagingDatabase } from '../staging-databases.ts';

/** Tags and feed as a consumer sees them, without run ids and clocks. */
export async function readerView(database: StagingDatabase): Promise<string> {
  const changes = await database.query(
    'select change_seq, job, customer_id, kind, from_segment, to_segment from segment_change order by change_seq',
  );
  return JSON.stringify([
    await tagsIn(database),
    changes.map((row) => ({ ...row, change_seq: Number(row.change_seq) })),
  ]);
}

type Standing = { readonly segment: string | null; readonly state: string; readonly change_seq: number };

/** The tag of each customer of the job, by job and id, as the table has it. */
async function tableOf(database: StagingDatabase): Promise<Record<string, Standing>> {
  const rows = await database.query(
    "select job, customer_id, segment, state, change_seq from segment_tag where job = 'small'",
  );
  return Object.fromEntries(
    rows.map(({ job, customer_id: id, segment, state, change_seq: seq }) => [
      `${String(job)} ${String(id)}`,
      { segment: segment as string | null, state: String(state), change_seq: Number(seq) },
    ]),
  );
}

/** The same as it follows from the change feed alone; each event must go on from the one before. */
function foldHistory(changes: readonly Row[]): Record<string, Standing> {
  const folded: Record<string, Standing> = {};
  for (const { change_seq: seq, job, customer_id: id, kind, from_segment: from, to_segment: to } of changes) {
    const key = `${String(job)} ${String(id)}`;
    const before = folded[key];
    const event = `${String(seq)} ${String(kind)} ${key}`;
    const active = before?.state === 'active';
    expect([event, from]).toEqual([event, active ? before.segment : null]);
    expect([event, active]).toEqual([event, kind !== 'enter']);
    if (kind === 'move') expect([event, to]).not.toEqual([event, from]);
    if (kind === 'update') expect([event, to]).toEqual([event, from]);
    const left = kind === 'leave';
    folded[key] = { segment: left ? null : (to as string), state: left ? 'left' : 'active', change_seq: Number(seq) };
  }
  return folded;
}

/**
 * What must hold of a staging database whenever nobody is writing, for jobs that keep tombstones.
 * `edited` names rows (`job id`) that somebody has changed by hand, and which nobody has repaired yet.
 */
export async function expectInvariants(
  database: StagingDatabase,
  edited: ReadonlySet<string> = new Set(),
): Promise<void> {
  const changes = await database.query('select * from segment_change order by change_seq');
  expect(changes.map(({ change_seq: seq }) => Number(seq))).toEqual(changes.map((_, i) => i + 1));
  const perRun = new Set(changes.map(({ run_id: run, customer_id: id }) => `${String(run)} ${String(id)}`));
  expect(perRun.size).toBe(changes.length);

  const [table, folded] = [await tableOf(database), foldHistory(changes.filter(({ job }) => job === 'small'))];
  for (const row of edited) for (const side of [table, folded]) delete side[row];
  expect(table).toEqual(folded);

  const published = await database.query("select run_id from segtag_run where status in ('published', 'rolled_back')");
  const known = new Set(published.map(({ run_id: id }) => String(id)));
  const strangers = changes.filter(({ run_id: id, job }) => job === 'small' && !known.has(String(id)));
  expect(strangers).toEqual([]);

  const slots = await database.query(
    'select job, slot, count(*) as runs from segtag_run where slot is not null group by job, slot having count(*) > 1',
  );
  expect(slots).toEqual([]);
}

/** Nothing that a dead run has left behind: no candidate that nobody can publish, no run that never ends. */
export async function expectNoOrphans(database: StagingDatabase): Promise<void> {
  const orphans = await database.query(
    `select distinct c.run_id, r.status from segtag_candidate c left join segtag_run r on r.run_id = c.run_id
     where r.status is null or r.status not in ('planned', 'held', 'published', 'rolled_back')`,
  );
  expect(orphans).toEqual([]);
  expect(await database.query("select run_id from segtag_run where status = 'running'")).toEqual([]);
}

/** As if the time of a lease had passed: what a dead process held is free. */
export async function letLeasesExpire(database: StagingDatabase): Promise<void> {
  await database.query('update segtag_lease set expires_ms = 1 where run_id is not null');
}
