import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { stagingEngines } from '../../support/staging-databases.ts';
import {
  candidate,
  candidatesOf,
  checksum,
  failureOf,
  instant,
  opened,
  publishRun,
  runOf,
  setUp,
} from '../../support/staging-fixtures.ts';

const job = 'opportunities';
const request = (runId: string, leaseMs = 60_000) => ({ job, runId, leaseMs, holder: `host of ${runId}` });
const changes = { candidates: candidatesOf(candidate('a')), model: null };
const shortMs = 400;

describe.each(stagingEngines)('a lease on $name', ({ it, fresh }) => {
  it('is held by one run at a time, and the second is told by whom and since when', async () => {
    const { staging } = await setUp({ fresh });
    const first = await staging.acquireLease(request('r1'));
    const refused = await failureOf(staging.acquireLease(request('r2')));
    expect(refused).toMatchObject({ code: 'E_ALREADY_RUNNING' });
    expect(refused.message).toMatch(/r1 on host of r1 since \d{4}-/);
    await staging.releaseLease(first);
    expect((await staging.acquireLease(request('r2'))).token).toBeGreaterThan(first.token);
  });

  it('goes to one of many that ask at the same time', async () => {
    const { database } = await setUp({ fresh });
    const many = await Promise.all(Array.from({ length: 6 }, () => opened(database)));
    const asked = await Promise.allSettled(many.map((staging, i) => staging.acquireLease(request(`r${i}`))));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('does not hinder another job', async () => {
    const { staging } = await setUp({ fresh });
    await staging.acquireLease(request('r1'));
    await staging.acquireLease({ ...request('r2'), job: 'rfm' });
  });

  it('passes on when it has run out; the dead run is marked, its candidates go, and its publish is refused', async () => {
    const { database, staging } = await setUp({ fresh });
    await publishRun(staging, 'r0', candidatesOf(candidate('z')));
    const before = await checksum(database);
    const dead = await staging.acquireLease(request('r1', shortMs));
    await staging.insertRun(runOf('r1', { baseRunId: 'r0' }));
    await sleep(2 * shortMs);
    const next = await staging.acquireLease(request('r2'));
    expect(next.token).toBeGreaterThan(dead.token);
    expect(await staging.findRun('r1')).toMatchObject({ status: 'crashed' });
    expect(await staging.renewLease(dead, 60_000)).toBe(false);
    await staging.releaseLease(dead);
    expect(await staging.renewLease(next, 60_000)).toBe(true);
    await staging.insertRun(runOf('r3', { baseRunId: 'r0' }));
    const late = {
      runId: 'r3',
      job,
      table: 'segment_tag',
      baseRunId: 'r0',
      leavers: 'tombstone',
      publishedAt: instant,
    } as const;
    expect(await failureOf(staging.publish({ ...late, changes, lease: dead }))).toMatchObject({ code: 'E_LEASE_LOST' });
    expect(await checksum(database)).toBe(before);
    await staging.publish({ ...late, changes, lease: next });
  });

  it('shows runs that could not record their end, though they gave their lease back, to be dead', async () => {
    const { staging } = await setUp({ fresh });
    await staging.insertRun(runOf('r1'));
    await staging.insertRun(runOf('r2', { job: 'rfm' }));
    await staging.insertRun(runOf('r3', { status: 'failed' }));
    await staging.acquireLease(request('r4'));
    const statuses = await Promise.all(['r1', 'r2', 'r3'].map((id) => staging.findRun(id)));
    expect(statuses.map((run) => run?.status)).toEqual(['crashed', 'running', 'failed']);
  });

  it('that has run out is no good for a publish, even when nobody has taken it', async () => {
    const { staging } = await setUp({ fresh });
    const lease = await staging.acquireLease(request('r1', shortMs));
    await staging.insertRun(runOf('r1'));
    await sleep(2 * shortMs);
    const late = {
      runId: 'r1',
      job,
      table: 'segment_tag',
      baseRunId: null,
      leavers: 'tombstone',
      publishedAt: instant,
    } as const;
    expect(await failureOf(staging.publish({ ...late, changes, lease }))).toMatchObject({ code: 'E_LEASE_LOST' });
  });

  it('lives as long as it is renewed', async () => {
    const { staging } = await setUp({ fresh });
    const [lifeMs, beats] = [6000, 4];
    const lease = await staging.acquireLease(request('r1', lifeMs));
    for (let i = 0; i < beats; i++) {
      await sleep(lifeMs / 3);
      expect(await staging.renewLease(lease, lifeMs)).toBe(true);
    }
    expect(await failureOf(staging.acquireLease(request('r2')))).toMatchObject({ code: 'E_ALREADY_RUNNING' });
  });
});

describe('a lease on SQLite, whose transactions stop the heartbeat of their own process,', () => {
  const { it, fresh } = stagingEngines[0]!;

  it('outlives a publish that takes longer than it lasts', async () => {
    const { staging } = await setUp({ fresh });
    const lifeMs = 2000;
    const lease = await staging.acquireLease(request('r1', lifeMs));
    await staging.insertRun(runOf('r1'));
    const slow = candidatesOf(candidate('c1'));
    const candidates = {
      ...slow,
      at(index: number) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1.5 * lifeMs);
        return slow.at(index);
      },
    };
    const options = { table: 'segment_tag', baseRunId: null, leavers: 'tombstone', publishedAt: instant } as const;
    const published = await staging.publish({
      ...options,
      runId: 'r1',
      job,
      changes: { candidates, model: null },
      lease,
    });
    expect(published.rows).toBe(1);
    expect(await staging.renewLease(lease, lifeMs)).toBe(true);
  });
});

describe.each(stagingEngines)('a slot on $name', ({ it, fresh }) => {
  const slot = { job, scheduledAt: '2026-03-29T01:30:00.000Z' };

  it('goes to one of many hosts that claim it at the same time', async () => {
    const { database, staging } = await setUp({ fresh });
    const many = await Promise.all(Array.from({ length: 6 }, () => opened(database)));
    const claims = await Promise.all(
      many.map((each, i) => each.claimSlot(slot, { runId: `r${i}`, holder: `host ${i}` })),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await staging.claimSlot(slot, { runId: 'late', holder: 'a late host' })).toBe(false);
    expect(await staging.claimSlot({ ...slot, job: 'rfm' }, { runId: 'other', holder: 'host' })).toBe(true);
  });

  it('is told as the newest one, to the millisecond', async () => {
    const { staging } = await setUp({ fresh });
    expect(await staging.newestSlot(job)).toBe(null);
    for (const scheduledAt of ['2026-03-29T01:30:00.000Z', '2026-10-25T02:30:00.250Z', '2026-03-30T01:30:00.000Z'])
      await staging.claimSlot({ job, scheduledAt }, { runId: 'r', holder: 'h' });
    expect(await staging.newestSlot(job)).toBe('2026-10-25T02:30:00.250Z');
  });
});
