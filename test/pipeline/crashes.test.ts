import { execFile } from 'node:child_process';
import { describe, expect } from 'vitest';
import { openStaging } from '../../src/staging/staging.ts';
import { bundled } from '../support/bundled.ts';
import type { CrashPlan } from '../support/crash-process.ts';
import { expectInvariants, expectNoOrphans, readerView } from '../support/proofs/invariants.ts';
import { nightsOf, type Nights } from '../support/nights.ts';
import { sixtyCustomers, type Customer } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const leaseMs = 60_000;
const asOf = '2026-06-30';
const slot = new Date('2026-06-30T02:00:00.000Z');
const hows = ['SIGKILL', 'SIGTERM', 'abort'] as const;
/** Every n-th statement is a stopping point, another one for each way to stop; the full run takes all. */
const stride = process.env.SEGTAG_TEST_FULL === '1' ? 1 : 36;
/** Two leave, one moves, two enter. */
const nextNight: readonly Customer[] = [
  ['C002', 700, 120],
  ['C900', 15, 120],
  ['C901', 505, 120],
  ...sixtyCustomers.slice(3),
];

type Outcome = { statements: number; ended: string } | { statements: null; ended: 'killed' };

const script = await bundled('crash-process');

function night(plan: CrashPlan): Promise<Outcome> {
  return new Promise((done) => {
    execFile(process.execPath, [script, JSON.stringify(plan)], (_error, stdout) => {
      done(stdout === '' ? { statements: null, ended: 'killed' } : (JSON.parse(stdout) as Outcome));
    });
  });
}

type Rehearsal = { readonly before: string; readonly after: string; readonly statements: number };

/** Two nights whose tags, feed and number of statements are known, to hold crashed nights against. */
async function rehearse(fresh: () => Promise<StagingDatabase>): Promise<Rehearsal> {
  const { database, plan } = await setStage(fresh);
  const before = await readerView(database);
  const { statements } = await night({ ...plan, at: 0, how: 'abort' });
  const after = await readerView(database);
  await database.drop();
  return { before, after, statements: statements! };
}

type Stage = { readonly database: StagingDatabase; readonly nights: Nights; readonly plan: CrashPlan };

/** A first night, published in this process, and what the second one is told. */
async function setStage(fresh: () => Promise<StagingDatabase>): Promise<Stage> {
  const database = await fresh();
  const nights = nightsOf(database);
  const staging = await openStaging(database.connection);
  await staging.migrate(['segment_tag']);
  await staging.close();
  expect((await nights.run({ asOf: '2026-06-29' })).ended).toBe('published');
  nights.customersAre(nextNight);
  const plan = {
    projectDir: nights.directory,
    crm: database.connection,
    leaseMs,
    asOf,
    slot: slot.toISOString(),
    at: 0,
    how: 'abort',
  } as const;
  return { database, nights, plan };
}

for (const engine of stagingEngines) {
  describe(`a night on ${engine.name} that is stopped before any of its statements`, () => {
    let rehearsal: Promise<Rehearsal> | undefined;
    engine.it.each(hows)(
      'by %s shows the night before or the new one, and the next run makes it good',
      { timeout: 3_600_000 },
      async (how) => {
        const { before, after, statements } = await (rehearsal ??= rehearse(engine.fresh));
        expect(before).not.toBe(after);
        const matrix: string[] = [];
        const first = 1 + ((9 * hows.indexOf(how) + 4 * stagingEngines.indexOf(engine)) % stride);
        for (let at = first; at <= statements; at += stride) {
          const { database, nights, plan } = await setStage(engine.fresh);
          const outcome = await night({ ...plan, at, how });
          const seen = await readerView(database);
          expect([before, after]).toContain(seen);
          if (outcome.ended !== 'killed') expect(seen === after).toBe(outcome.ended === 'published');
          // As if the lease of the night had run out in the meantime.
          await database.query('update segtag_lease set expires_ms = 0');
          const [claimed] = await database.query("select run_id from segtag_slot where job = 'small'");
          const again = await nights.run({ asOf, ...(claimed ? {} : { slot }) });
          expect(['published', 'no_change']).toContain(again.ended);
          expect(await readerView(database)).toBe(after);
          await expectNoOrphans(database);
          await expectInvariants(database);
          if (engine === stagingEngines[0] && at === first && !claimed)
            expect((await nights.run({ asOf, slot })).ended).toBe('E_SLOT_TAKEN');
          matrix.push(`${at} ${seen === before ? 'n-1' : 'n'} (${outcome.ended})`);
          await database.drop();
        }
        console.log(
          `crash matrix  ${engine.name.padEnd(10)} × ${how.padEnd(7)}  stopped before ${matrix.length} of ${statements} statements: ` +
            `reader at n-1 or n, one run per slot, no orphans, next run good at each\n  ${matrix.join('  ')}`,
        );
      },
    );
  });
}
