import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import type { ResolvedConnection } from '../../src/job/connections-schema.ts';
import { openStaging } from '../../src/staging/staging.ts';
import { fateful, type Fate, type FaultyProxy } from '../support/faulty-proxy.ts';
import { nightsOf, type Night, type Nights } from '../support/nights.ts';
import { activeIn, changed, rowsOf, sixty, sorted } from '../support/proofs/customers.ts';
import { failing, under } from '../support/proofs/faults.ts';
import { expectInvariants, expectNoOrphans, letLeasesExpire, readerView } from '../support/proofs/invariants.ts';
import { seedsOf, withSeed, type Random } from '../support/proofs/seeds.ts';
import { edit } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase, type StagingEngine } from '../support/staging-databases.ts';

const seeds = seedsOf({ reduced: 6, full: 200 });
const slot = new Date('2026-06-30T02:00:00Z');
const asOf = '2026-06-30';
/** Per statement and per message: from a database that hiccups to one that hardly works. */
const probabilities = [0.005, 0.02, 0.05, 0.15];

/** One database for all seeds of an engine, set back to a first published night before each. */
async function stage(engine: StagingEngine): Promise<{ database: StagingDatabase; nights: Nights }> {
  const database = await engine.fresh();
  const staging = await openStaging(database.connection);
  await staging.migrate(['segment_tag']);
  await staging.close();
  const nights = nightsOf(database, rowsOf(sixty));
  edit(nights, 'jobs/small.yaml', 'labels:', 'retry: { budget_seconds: 0.4 }\nlabels:');
  return { database, nights };
}

const written = [
  'segment_tag',
  'segment_change',
  'segtag_run',
  'segtag_model',
  'segtag_candidate',
  'segtag_slot',
  'segtag_lease',
];

async function startOver({ database, nights }: { database: StagingDatabase; nights: Nights }): Promise<void> {
  for (const table of written) await database.query(`delete from ${table}`);
  await database.query('update segtag_sequence set value = 0');
  nights.customersAre(rowsOf(sixty));
  expect(await nights.run({ asOf: '2026-06-29' })).toMatchObject({ ended: 'published' });
}

/** A night whose statements fail, and on servers whose connections break, at random. */
async function faultyNight(
  engine: StagingEngine,
  { database, nights }: { database: StagingDatabase; nights: Nights },
  random: Random,
): Promise<Night> {
  const probability = random.pick(probabilities);
  const proxied = await throughProxy(database.connection, () => fateOf(random, probability));
  try {
    const options = {
      asOf,
      slot,
      firstPauseMs: 2,
      patience: { lockWaitMs: 500, silenceMs: 400 },
      crm: proxied.connection,
    };
    return await under(failing(engine.name, random, probability / 2), () => nights.run(options));
  } finally {
    await proxied.proxy?.close();
  }
}

function fateOf(random: Random, probability: number): Fate {
  if (!random.chance(probability)) return 'pass';
  return random.chance(0.04) ? 'fall silent' : random.pick(['cut', 'lose the answer']);
}

async function throughProxy(
  connection: ResolvedConnection,
  fate: () => Fate,
): Promise<{ connection: ResolvedConnection; proxy?: FaultyProxy }> {
  const { config } = connection;
  if (config.client !== 'postgres' && config.client !== 'mysql') return { connection };
  const proxy = await fateful({ host: config.host, port: config.port }, fate);
  const there = { host: '127.0.0.1', port: proxy.port, connect_timeout_seconds: 0.5 };
  return { connection: { ...connection, config: { ...config, ...there } }, proxy };
}

const otherSessions: Readonly<Record<string, string>> = {
  postgres: 'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  mysql: 'select id from information_schema.processlist where db = database() and id <> connection_id()',
};

/** A server may still be at work on what a connection sent before it was cut. */
async function untilServerIsQuiet(database: StagingDatabase): Promise<void> {
  const sql = otherSessions[database.connection.config.client];
  if (sql === undefined) return;
  for (let look = 0; look < 200; look++) {
    if ((await database.query(sql)).length === 0) return;
    await sleep(50);
  }
}

for (const engine of stagingEngines) {
  describe(`a faulty ${engine.name}`, () => {
    engine.it(
      'shows the night before or the new one, takes a slot once, and is made good by the next run',
      { timeout: 3_600_000 },
      async () => {
        const standing = await stage(engine);
        const { database, nights } = standing;
        const tally: Record<string, number> = {};
        for (const seed of seeds)
          await withSeed(seed, async (random) => {
            await startOver(standing);
            const before = await readerView(database);
            const source = changed(sixty, random, 4);
            nights.customersAre(rowsOf(source));
            const { ended, error, runId } = await faultyNight(engine, standing, random);
            await untilServerIsQuiet(database);
            const seen = await readerView(database);
            await letLeasesExpire(database);

            const [claimed] = await database.query('select run_id from segtag_slot where run_id is not null');
            if (claimed) expect(await nights.run({ asOf, slot })).toMatchObject({ ended: 'E_SLOT_TAKEN' });
            const again = await nights.run(claimed ? { asOf } : { asOf, slot });
            expect(['published', 'no_change']).toContain(again.ended);
            const after = await readerView(database);
            expect([before, after]).toContain(seen);
            expect(await activeIn(database)).toEqual(sorted(source));
            await expectInvariants(database);
            await expectNoOrphans(database);
            if (ended === 'published') expect(seen).toBe(after);
            const known = ended === 'published' || ended === 'no_change' || /^E_CRM|E_NOT_MIGRATED/.test(ended);
            if (!known) throw new Error(`${runId} ended as ${ended}`, { cause: error });
            const outcome = `${ended}, reader at ${seen === before ? 'n-1' : 'n'}`;
            tally[outcome] = (tally[outcome] ?? 0) + 1;
          });
        console.log(`faulty ${engine.name}, ${seeds.length} seeds  ${JSON.stringify(tally)}`);
        await database.drop();
      },
    );
  });
}
