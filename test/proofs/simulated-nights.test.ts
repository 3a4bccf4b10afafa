import { expect, it } from 'vitest';
import { openStaging } from '../../src/staging/staging.ts';
import { dueSlots } from '../../src/analysis/decide/due-slots.ts';
import { formatDay } from '../../src/frame/day.ts';
import { jobSchema } from '../../src/job/schema.ts';
import { loadJob } from '../../src/job/load-job.ts';
import { approveRun, rejectRun } from '../../src/pipeline/decisions/decision.ts';
import { nightsOf, type Night, type NightOptions, type Nights } from '../support/nights.ts';
import { activeIn, changed, rowsOf, sixty, sorted, type Source } from '../support/proofs/customers.ts';
import { crashAt, failing, under } from '../support/proofs/faults.ts';
import { expectInvariants, expectNoOrphans, letLeasesExpire, readerView } from '../support/proofs/invariants.ts';
import { isFull, seedsOf, withSeed, type Random } from '../support/proofs/seeds.ts';
import { edit, type Customer } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;
const nightsInAll = isFull ? 300 : 25;
/** The guard of moves looks away below so many customers; of sixty, they are more than its ten per cent. */
const heldFrom = 10;
const dayMs = 86_400_000;
const firstNight = Date.parse('2026-01-01T02:00:00Z');
const schedule = jobSchema.shape.schedule.parse({ cron: '0 2 * * *', timezone: 'UTC' })!;

type Simulation = {
  readonly database: StagingDatabase;
  readonly nights: Nights;
  readonly random: Random;
  readonly tally: Record<string, number>;
  source: Source;
};

function count({ tally }: Simulation, what: string): void {
  tally[what] = (tally[what] ?? 0) + 1;
}

/** What can befall a night: each does the night, or spoils it, and says how it ended. */
type Mishap = (simulation: Simulation, options: NightOptions) => Promise<Night>;

const mishaps: Readonly<Record<string, Mishap>> = {
  none: ({ nights }, options) => nights.run(options),
  'failing statements': ({ nights, random }, options) =>
    under(failing('SQLite', random, random.pick([0.01, 0.05, 0.2])), () => nights.run(options)),
  crash: ({ nights, random }, options) => under(crashAt(1 + random.below(90)), () => nights.run(options)),
  'two hosts at once': async ({ nights }, options) => {
    const ended = await Promise.all([nights.run(options), nights.run(options)]);
    const refused = ended.filter(({ ended: how }) => how === 'E_SLOT_TAKEN' || how === 'E_ALREADY_RUNNING');
    expect(refused).toHaveLength(1);
    return ended.find((night) => !refused.includes(night))!;
  },
  'a late host': async ({ nights }, options) => {
    const night = await nights.run(options);
    expect(await nights.run(options)).toMatchObject({ ended: 'E_SLOT_TAKEN' });
    return night;
  },
  'stopped by a signal': async ({ nights, random }, options) => {
    const controller = new AbortController();
    let statements = 0;
    const at = 1 + random.below(60);
    const stop = (): undefined => void (++statements === at && controller.abort(new Error('stopped')));
    return under(stop, () => nights.run({ ...options, signal: controller.signal }));
  },
  'a source that is spoilt': async ({ nights, random, source }, options) => {
    const rows = rowsOf(source);
    const spoilt: readonly (readonly Customer[])[] = [[], [...rows, rows[0]!], [...rows, ['X', 'NaN', 1]]];
    nights.customersAre(random.pick(spoilt));
    const night = await nights.run(options);
    expect(night.ended).toMatch(/^E_(COLUMN_CONTRACT|EMPTY_READ|TOO_MANY_INVALID|FEATURE_NOT_FINITE)$/);
    nights.customersAre(rows);
    return night;
  },
  'too many moves': async (simulation, options) => {
    const { database, nights, source } = simulation;
    const flipped = new Map([...source].map(([id, segment], i) => [id, i < 16 ? other(segment) : segment] as const));
    const tags = await activeIn(database);
    const moves = [...flipped].filter(([id, segment]) => tags.has(id) && tags.get(id) !== segment).length;
    nights.customersAre(rowsOf(flipped));
    const night = await nights.run(options);
    if (moves >= heldFrom) expect(night).toMatchObject({ ended: 'held' });
    // The tags may say so already, where somebody has approved the same before.
    if (night.ended !== 'held') simulation.source = flipped;
    nights.customersAre(rowsOf(simulation.source));
    return night;
  },
};

function other(segment: 'recent' | 'gone'): 'recent' | 'gone' {
  return segment === 'recent' ? 'gone' : 'recent';
}

/** One night of the calendar: the source changes, what is due is run under some mishap, and everything must hold. */
async function oneNight(simulation: Simulation, now: Date): Promise<void> {
  const { database, nights, random } = simulation;
  simulation.source = changed(simulation.source, random, random.below(4));
  nights.customersAre(rowsOf(simulation.source));
  const staging = await openStaging(database.connection);
  const newest = await staging.newestSlot('small');
  await staging.close();
  for (const due of dueSlots(schedule, newest === null ? null : new Date(newest), now)) {
    const options = { slot: due.scheduledAt, asOf: formatDay(due.asOf), trigger: due.trigger, firstPauseMs: 1 };
    const before = await readerView(database);
    const mishap = random.chance(0.4) ? 'none' : random.pick(Object.keys(mishaps));
    const night = await mishaps[mishap]!(simulation, options);
    count(simulation, `mishap: ${mishap}`);
    count(simulation, `ended: ${night.ended.includes('the process is dead') ? 'crashed' : night.ended}`);
    if (due.trigger === 'catch_up') count(simulation, 'caught up');
    const after = await readerView(database);
    if (night.ended === 'published') expect(await activeIn(database)).toEqual(sorted(simulation.source));
    else if (after !== before) {
      // The answer to COMMIT was lost for good; the run's status still says that it is published.
      expect(await activeIn(database)).toEqual(sorted(simulation.source));
      expect(await database.query('select status from segtag_run where run_id = ?', [night.runId])).toEqual([
        { status: 'published' },
      ]);
    }
    if (night.ended === 'held') await decide(simulation, night);
    await expectInvariants(database);
  }
  await letLeasesExpire(database);
}

/** A person approves the held night, or rejects it, or sleeps. */
async function decide(simulation: Simulation, { runId }: Night): Promise<void> {
  const { database, nights, random } = simulation;
  const before = await readerView(database);
  const staging = await openStaging(database.connection);
  const decision = random.pick(['approve', 'reject', 'nothing']);
  const options = { now: new Date(), allowOlder: false, decidedBy: 'somebody', reason: 'it is right' };
  if (decision === 'approve') await approveRun(staging, loadJob(nights.directory, 'small'), runId, options);
  if (decision === 'reject') await rejectRun(staging, runId, options);
  await staging.close();
  expect((await readerView(database)) === before).toBe(decision !== 'approve');
  count(simulation, `decision: ${decision}`);
}

it.each(seedsOf({ reduced: 1, full: 1 }))(
  `${nightsInAll} nights with random mishaps break no invariant (seed %i)`,
  { timeout: 3_600_000 },
  (seed) =>
    withSeed(seed, async (random) => {
      const database = await sqlite.fresh();
      const nights = nightsOf(database, rowsOf(sixty));
      const staging = await openStaging(database.connection);
      await staging.migrate(['segment_tag']);
      await staging.close();
      edit(nights, 'jobs/small.yaml', 'labels:', 'retry: { budget_seconds: 0.2 }\nlabels:');
      const simulation: Simulation = { database, nights, random, tally: {}, source: sixty };
      for (let night = 0; night < nightsInAll; night++) {
        const asleep = random.chance(0.05) ? 1 + random.below(3) : 0;
        night += asleep;
        if (asleep > 0) count(simulation, 'downtimes');
        await oneNight(simulation, new Date(firstNight + night * dayMs + 30_000));
      }
      // A last night without mishap, by hand: all is as the source says, and nothing is left behind.
      const asOf = formatDay(dueSlots(schedule, null, new Date(firstNight + (nightsInAll + 9) * dayMs))[0]!.asOf);
      const last = await nights.run({ asOf });
      expect(['published', 'no_change', 'held']).toContain(last.ended);
      if (last.ended !== 'held') expect(await activeIn(database)).toEqual(sorted(simulation.source));
      await expectInvariants(database);
      await expectNoOrphans(database);
      const [{ runs, changes }] = (await database.query(
        'select (select count(*) from segtag_run) as runs, (select count(*) from segment_change) as changes',
      )) as [{ runs: number; changes: number }];
      const figures = Object.entries(simulation.tally).sort(([left], [right]) => (left < right ? -1 : 1));
      console.log(
        `${nightsInAll} simulated nights, seed ${seed}: ${runs} runs, ${changes} changes\n` +
          figures.map(([what, times]) => `  ${String(times).padStart(4)}  ${what}`).join('\n'),
      );
      await database.drop();
    }),
);
