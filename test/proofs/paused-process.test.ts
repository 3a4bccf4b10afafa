import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { openStaging } from '../../src/staging/staging.ts';
import { bundled } from '../support/bundled.ts';
import type { CrashPlan } from '../support/crash-process.ts';
import { nightsOf } from '../support/nights.ts';
import { changed, rowsOf, sixty } from '../support/proofs/customers.ts';
import { expectInvariants, expectNoOrphans, readerView } from '../support/proofs/invariants.ts';
import { isFull, withSeed } from '../support/proofs/seeds.ts';
import { stagingEngines } from '../support/staging-databases.ts';

const leaseMs = 3000;
/** Who runs the job while the process is paused, and what a reader then sees. */
const meanwhile = [
  ['another process', 'n'],
  ['nobody', 'n-1'],
] as const;
const script = await bundled('crash-process');

/** A night in a process of its own that is stopped, left alone for a while, and woken; tells how it ended. */
async function pausedNight(plan: CrashPlan, whilePaused: () => Promise<void>): Promise<string> {
  const child = spawn(process.execPath, [script, JSON.stringify(plan)]);
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  const ended = once(child, 'close');
  for (let text = ''; !text.includes('stopped');) text += String((await once(child.stderr, 'data'))[0]);
  await sleep(2 * leaseMs);
  await whilePaused();
  child.kill('SIGCONT');
  await ended;
  return (JSON.parse(said) as { ended: string }).ended;
}

describe.each(stagingEngines)('a process on $name that is paused for two lease lengths', ({ it, fresh }) => {
  it.each(isFull ? meanwhile : meanwhile.slice(0, 1))(
    'fails its commit when it wakes, when meanwhile %s has run the job',
    async (who, view) => {
      const database = await fresh();
      const staging = await openStaging(database.connection);
      await staging.migrate(['segment_tag']);
      await staging.close();
      const nights = nightsOf(database, rowsOf(sixty));
      await nights.run({ asOf: '2026-06-29' });
      const before = await readerView(database);
      await withSeed(7, async (random) => nights.customersAre(rowsOf(changed(sixty, random, 4))));
      const slot = '2026-06-30T02:00:00.000Z';
      const plan: CrashPlan = {
        projectDir: nights.directory,
        asOf: '2026-06-30',
        crm: database.connection,
        slot,
        leaseMs,
        at: 0,
        how: 'SIGSTOP',
        before: 'select counts from segtag_run',
      };
      const ended = await pausedNight(plan, async () => {
        if (who === 'nobody') return;
        expect(await nights.run({ slot: new Date(slot) })).toMatchObject({ ended: 'E_SLOT_TAKEN' });
        expect(await nights.run()).toMatchObject({ ended: 'published' });
      });
      expect(ended).toBe('E_LEASE_LOST');
      expect((await readerView(database)) === before).toBe(view === 'n-1');
      expect(['published', 'no_change']).toContain((await nights.run()).ended);
      await expectInvariants(database);
      await expectNoOrphans(database);
      await database.drop();
    },
  );
});
