import { describe, expect } from 'vitest';
import { planRollback } from '../../src/analysis/decide/restore.ts';
import type { Staging } from '../../src/staging/staging.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';
import { candidate, candidatesOf, failureOf, leaver, publishRun, runOf, setUp } from '../support/staging-fixtures.ts';

const job = 'opportunities';
const table = 'segment_tag';
const { signal } = new AbortController();
const options = { job, keepRuns: 2, dryRun: false, signal };

const moveTo = (id: string, segment: string, expectedChangeSeq: number, fromSegment: string) =>
  candidate(id, { kind: 'move', segment, fromSegment, expectedChangeSeq, previousSegment: fromSegment });

/** Five nights in which `a` moves each time, `b` in the second and the last, `c` leaves and `d` stays; of another job in between. */
async function fiveNights(staging: Staging): Promise<void> {
  const all = ['a', 'b', 'c', 'd'].map((id) => candidate(id));
  await publishRun(staging, 'r1', candidatesOf(...all));
  await publishRun(staging, 'r2', candidatesOf(moveTo('a', 's2', 1, 'renewal'), moveTo('b', 's2', 2, 'renewal')));
  await publishRun(staging, 'x1', candidatesOf(candidate('a')), { job: 'other' });
  await publishRun(staging, 'r3', candidatesOf(moveTo('a', 's3', 5, 's2'), leaver('c', 3)));
  await publishRun(staging, 'r4', candidatesOf(moveTo('a', 's4', 8, 's3')));
  await publishRun(staging, 'r5', candidatesOf(moveTo('a', 's5', 10, 's4'), moveTo('b', 's5', 6, 's2')));
}

async function feedOf({ query }: StagingDatabase): Promise<string[]> {
  const rows = await query(`select * from segment_change where job = '${job}' order by change_seq`);
  return rows.map((row) => `${row.change_seq} ${row.customer_id} ${row.to_segment}`);
}

/** What the rows would say after a rollback to a number, of those that would change. */
async function restored(staging: Staging, atSeq: number): Promise<Record<string, string | null>> {
  const tags = await staging.readRestorable({ job, table, atSeq });
  const { candidates } = planRollback(tags, { asOf: '2026-03-01', conflicts: new Set(), base: 4 });
  return Object.fromEntries(candidates.map(({ customerId, segment }) => [customerId, segment]));
}

describe.each(stagingEngines)('pruning on $name', ({ it, fresh }) => {
  it('takes the figures of reports along with their runs', async () => {
    const { staging } = await setUp({ fresh });
    await fiveNights(staging);
    await staging.insertRun(runOf('failed', { status: 'failed', startedAt: '2026-02-01T00:00:00.000Z' }));
    const runs = ['r3', 'r4', 'r5', 'failed', 'x1'];
    for (const runId of runs) {
      const of = runId === 'x1' ? 'other' : job;
      await staging.saveFigures({ runId, job: of, figures: { of: 'an earlier attempt' } });
      await staging.saveFigures({ runId, job: of, figures: { name: 'Ω', dots: [[0, 1.5, 2]] } });
    }
    await staging.prune(options);
    const kept = await Promise.all(runs.map(async (runId) => [runId, await staging.readFigures(runId)] as const));
    const figures = { name: 'Ω', dots: [[0, 1.5, 2]] };
    expect(Object.fromEntries(kept)).toEqual({ r3: null, r4: figures, r5: figures, failed: null, x1: figures });
  });

  it('keeps the newest state of each customer, and what a rollback to a kept run needs', async () => {
    const { database, staging } = await setUp({ fresh });
    await fiveNights(staging);
    await staging.insertRun(runOf('failed', { status: 'failed', startedAt: '2026-02-01T00:00:00.000Z' }));
    const tags = await database.query(`select * from ${table} order by job, customer_id`);
    const [before, toFourth] = [await feedOf(database), await restored(staging, 10)];
    const planned = await staging.prune({ ...options, dryRun: true });
    expect(planned).toEqual({
      job,
      oldestKept: 'r4',
      floor: 9,
      changes: 5,
      models: 3,
      runs: 1,
      slots: 0,
      consumersBelow: [],
    });
    expect(await feedOf(database)).toEqual(before);

    await staging.acknowledge('slow', 3);
    expect(await staging.prune(options)).toEqual({ ...planned, consumersBelow: ['slow'] });
    expect(await feedOf(database)).toEqual(['4 d renewal', '6 b s2', '9 c null', '10 a s4', '11 a s5', '12 b s5']);
    expect(await database.query('select count(*) as n from segtag_candidate where run_id <> ?', ['x1'])).toEqual([
      { n: expect.toSatisfy((n) => Number(n) === 6) },
    ]);
    expect(await database.query(`select * from ${table} order by job, customer_id`)).toEqual(tags);
    expect(await staging.findDrift({ job, table })).toEqual({ edited: [], missing: [], foreign: [] });
    expect(await restored(staging, 10)).toEqual(toFourth);
    expect(toFourth).toEqual({ a: 's4', b: 's2' });
    expect(await staging.findWritten('r3')).toMatchObject({ pruned: true });
    expect(await staging.findWritten('r4')).toMatchObject({ pruned: false });
    expect(await staging.findRun('failed')).toBe(null);
    expect(await staging.prune(options)).toMatchObject({ changes: 0, models: 0, runs: 0, floor: 9 });
  });

  it('raises the floor of the feed, below which a reader gets an error instead of a gap', async () => {
    const { staging } = await setUp({ fresh });
    await fiveNights(staging);
    await staging.prune(options);
    for (const since of [0, 8])
      expect(await failureOf(staging.readChanges({ since, limit: 9 }))).toMatchObject({
        code: 'E_PRUNED',
        remedy: expect.stringContaining('ack'),
      });
    expect((await staging.readChanges({ since: 9, limit: 9 })).map(({ changeSeq }) => changeSeq)).toEqual([10, 11, 12]);
    expect((await staging.readChanges({ since: 0, limit: 9, job: 'other' })).map(({ changeSeq }) => changeSeq)).toEqual(
      [7],
    );
    expect([await staging.feedFloor(), await staging.feedFloor('other')]).toEqual([9, 0]);
  });

  it('keeps what is young, and everything while there are few runs', async () => {
    const { staging } = await setUp({ fresh });
    await fiveNights(staging);
    const keepSince = '2026-01-01T00:00:00.000Z';
    expect(await staging.prune({ ...options, keepSince })).toMatchObject({ oldestKept: null, changes: 0, floor: 0 });
    expect(await staging.prune({ ...options, keepRuns: 5 })).toMatchObject({ oldestKept: null, changes: 0 });
    expect(await staging.prune({ ...options, keepSince: '2027-01-01T00:00:00.000Z' })).toMatchObject({
      oldestKept: 'r4',
    });
  });
});
