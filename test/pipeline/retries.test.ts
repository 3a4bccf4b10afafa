import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SegtagError } from '../../src/errors.ts';
import { loadJob } from '../../src/job/load-job.ts';
import { createLogger } from '../../src/log.ts';
import type { Logger } from '../../src/logger.ts';
import { createRetry } from '../../src/pipeline/retry.ts';
import { steadyStaging } from '../../src/pipeline/steady-staging.ts';
import { openStaging } from '../../src/staging/staging.ts';
import { passing } from '../support/faulty-proxy.ts';
import { nightsOf, type Nights } from '../support/nights.ts';
import { freePort } from '../support/servers/free-port.ts';
import { edit, sixtyCustomers, type Customer } from '../support/small-project.ts';
import { candidate, candidatesOf, publishRun, runOf, setUp } from '../support/staging-fixtures.ts';
import { stagingEngines, waitingFor, type StagingDatabase } from '../support/staging-databases.ts';
import { soonMs } from '../support/patience.ts';

const [sqlite, postgres, mariadb] = stagingEngines;
const firstPauseMs = 20;
const oneMoved: readonly Customer[] = [['C000', 700, 120], ...sixtyCustomers.slice(1)];

type Line = { readonly message: string; readonly step?: string; readonly code?: string; readonly pause_ms?: number };

function listening(): { readonly log: Logger; readonly retries: Line[] } {
  const retries: Line[] = [];
  const stream = new PassThrough().on('data', (data: Buffer) => {
    for (const text of data.toString().trim().split('\n')) {
      const line = JSON.parse(text) as Line;
      if (line.message.includes('trying again')) retries.push(line);
    }
  });
  return { log: createLogger(stream), retries };
}

async function published(database: StagingDatabase): Promise<Nights> {
  const staging = await openStaging(database.connection);
  await staging.migrate(['segment_tag']);
  await staging.close();
  const nights = nightsOf(database);
  expect(await nights.run({ asOf: '2026-06-29' })).toMatchObject({ ended: 'published' });
  nights.customersAre(oneMoved);
  return nights;
}

async function movesIn(database: StagingDatabase): Promise<number> {
  const [row] = await database.query("select count(*) as n from segment_change where kind = 'move'");
  return Number(row!.n);
}

describe('a publish that meets', () => {
  for (const engine of [postgres!, mariadb!])
    engine.it(`a deadlock on ${engine.name} is done again as a whole`, async () => {
      const database = await engine.fresh();
      const nights = await published(database);
      const other = await database.session();
      await database.query('create table bulk (n int)');
      await other.query('begin');
      // MariaDB ends the transaction that has changed less.
      for (let n = 0; n < 200; n++) await other.query('insert into bulk values (1)');
      await other.query("update segment_tag set job = job where customer_id = 'C000'");
      const { log, retries } = listening();
      const night = nights.run({ log, firstPauseMs });
      await waitingFor(database, 'update');
      await other.query("update segtag_sequence set value = value where name = 'change_seq'");
      await other.query('commit');
      expect(await night).toMatchObject({ ended: 'published' });
      expect(retries).toMatchObject([{ step: 'publishing', code: 'E_CRM_LOST' }]);
      expect(await movesIn(database)).toBe(1);
      await other.close();
      await database.drop();
    });

  postgres!.it('a serialization failure is done again as a whole', async () => {
    const database = await postgres!.fresh();
    const nights = await published(database);
    const other = await database.session();
    const [{ name } = { name: '' }] = await database.query('select current_database() as name');
    await database.query(`alter database ${String(name)} set default_transaction_isolation to 'repeatable read'`);
    await other.query('begin');
    await other.query("update segtag_sequence set value = value where name = 'change_seq'");
    const { log, retries } = listening();
    const night = nights.run({ log, firstPauseMs });
    await waitingFor(database, 'select');
    await other.query('commit');
    expect(await night).toMatchObject({ ended: 'published' });
    expect(retries).toMatchObject([{ step: 'publishing', code: 'E_CRM_LOST' }]);
    expect(await movesIn(database)).toBe(1);
    await other.close();
    await database.drop();
  });

  it('a COMMIT whose answer is lost for long is found published, not refused as stale', async () => {
    const { staging } = await setUp(sqlite!);
    const project = nightsOf(await sqlite!.fresh());
    const context = { loaded: loadJob(project.directory, 'small'), runId: 'r1', firstPauseMs, ...listening() };
    const retry = createRetry({ ...context, progress: quiet }, new AbortController().signal);
    const forgetful: typeof staging = {
      ...staging,
      async publish(options) {
        await staging.publish(options);
        throw new SegtagError('E_CRM_LOST', { what: 'It broke.', remedy: 'Try again.', transient: true });
      },
    };
    const steady = steadyStaging(forgetful, retry);
    const result = await publishRun(steady, 'r1', candidatesOf(candidate('a'), candidate('b')));
    expect(result).toEqual({ firstSeq: 1, lastSeq: 2, rows: 2 });
    expect(await staging.findRun('r1')).toMatchObject({ status: 'published' });
    await staging.insertRun(runOf('r2', { status: 'rejected' }));
    await expect(publishRun(steady, 'r2', candidatesOf(candidate('c')))).rejects.toThrow();
  });
});

const quiet = { started: () => {}, advanced: () => {}, finished: () => {}, waiting: () => {} };

describe('connecting to a CRM that is not there', () => {
  postgres!.it('goes on until it is', async () => {
    const database = await postgres!.fresh();
    const nights = await published(database);
    const { config } = database.connection;
    if (config.client !== 'postgres') throw new Error('not PostgreSQL');
    const port = await freePort();
    const crm = { ...database.connection, config: { ...config, host: '127.0.0.1', port } };
    const { log, retries } = listening();
    const night = nights.run({ log, firstPauseMs: 100, crm });
    await sleep(500);
    const proxy = await passing({ host: config.host, port: config.port }, port);
    expect(await night).toMatchObject({ ended: 'published' });
    expect(retries.length).toBeGreaterThan(1);
    expect(retries[0]).toMatchObject({ step: 'connecting to the CRM', code: 'E_CRM_UNREACHABLE' });
    await proxy.close();
    await database.drop();
  });

  postgres!.it('ends when the budget is spent, with pauses that grow', async () => {
    const database = await postgres!.fresh();
    const nights = nightsOf(database);
    edit(nights, 'jobs/small.yaml', 'labels:', 'retry: { budget_seconds: 1 }\nlabels:');
    const { config } = database.connection;
    const crm = { ...database.connection, config: { ...config, host: '127.0.0.1', port: await freePort() } };
    const { log, retries } = listening();
    const start = performance.now();
    expect(await nights.run({ log, firstPauseMs: 40, crm })).toMatchObject({ ended: 'E_CRM_UNREACHABLE' });
    expect(performance.now() - start).toBeLessThan(soonMs);
    const pauses = retries.map(({ pause_ms: pause = 0 }) => pause);
    expect(pauses.length).toBeGreaterThan(2);
    pauses.forEach((pause, n) => {
      expect(pause).toBeGreaterThanOrEqual(Math.floor(20 * 2 ** n));
      expect(pause).toBeLessThanOrEqual(Math.ceil(60 * 2 ** n));
    });
    await database.drop();
  });

  it('ends at once when the run is stopped', async () => {
    const nights = nightsOf(await sqlite!.fresh());
    const controller = new AbortController();
    const config = { client: 'postgres', host: '127.0.0.1', port: await freePort(), user: 'u', database: 'd' } as const;
    const crm = { name: 'crm', target: 'test', config: { ...config, connect_timeout_seconds: 5, tls: 'disable' } };
    const night = nights.run({ crm: crm as never, firstPauseMs: 60_000, signal: controller.signal });
    await sleep(300);
    controller.abort(new Error('stopped'));
    expect(await night).toMatchObject({ ended: 'Error: stopped' });
  });
});

describe('an extraction whose session is killed', () => {
  postgres!.it('is done again from the start, or fails where no budget is given', async () => {
    const database = await sqlite!.fresh();
    const source = await postgres!.fresh();
    const nights = nightsOf(database);
    await source.query('create table customer (id text, recency_days int, value numeric)');
    for (const customer of sixtyCustomers) await source.query('insert into customer values (?, ?, ?)', customer);
    edit(nights, 'sql/small/customers.sql', 'value\n', 'value, CAST(pg_sleep(0.02) AS TEXT) AS slow\n');
    const warehouse = { ...source.connection, name: 'warehouse' };
    const { log, retries } = listening();
    const night = nights.run({ warehouse, log, firstPauseMs });
    await killReader(source);
    expect(await night).toMatchObject({ ended: 'published' });
    expect(retries).toMatchObject([{ step: 'extract', code: 'E_WAREHOUSE_LOST' }]);
    edit(nights, 'jobs/small.yaml', 'labels:', 'retry: { budget_seconds: 0 }\nlabels:');
    const second = nights.run({ warehouse, log, firstPauseMs });
    await killReader(source);
    expect(await second).toMatchObject({ ended: 'E_WAREHOUSE_LOST' });
    await database.drop();
    await source.drop();
  });
});

describe('what is not tried again', () => {
  const mistakes: readonly (readonly [string, string, (nights: Nights) => void])[] = [
    ['data', 'E_TOO_MANY_INVALID', (nights) => nights.customersAre([...sixtyCustomers, ['C000', 1, 1]])],
    ['SQL', 'E_SQL_REJECTED', (nights) => edit(nights, 'sql/small/customers.sql', 'FROM', 'FORM')],
    [
      'rows that the CRM refuses',
      'E_CRM_REFUSED_ROWS',
      (nights) => nights.customersAre([['x'.repeat(300), 10, 100], ...oneMoved]),
    ],
    ['a guard', 'held', (nights) => nights.customersAre(sixtyCustomers.slice(20))],
  ];
  it.each(mistakes)('%s', async (_, ended, spoil) => {
    const database = await sqlite!.fresh();
    const nights = await published(database);
    spoil(nights);
    const { log, retries } = listening();
    expect(await nights.run({ log, firstPauseMs })).toMatchObject({ ended });
    expect(retries).toEqual([]);
    await database.drop();
  });

  postgres!.it('a missing grant', async () => {
    const database = await postgres!.fresh();
    const nights = await published(database);
    const crm = await database.withLeastGrants(['segtag_lease']);
    const { log, retries } = listening();
    expect(await nights.run({ log, firstPauseMs, crm })).toMatchObject({ ended: 'E_GRANT_MISSING' });
    expect(retries).toEqual([]);
    await database.drop();
  });
});

/** Ends the session that reads the customers, once it does. */
async function killReader(source: StagingDatabase): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const killed = await source.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and query like '%pg_sleep%' and pid <> pg_backend_pid()`,
    );
    if (killed.length > 0) return;
    await sleep(20);
  }
  throw new Error('nobody reads');
}
