import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openProject } from '../../src/cli/project.ts';
import { tellingOf } from '../../src/cli/telling.ts';
import { loadJob } from '../../src/job/load-job.ts';
import { silentLogger } from '../../src/logger.ts';
import { alertBody } from '../../src/notify/message.ts';
import { signature } from '../../src/notify/webhook.ts';
import { tell } from '../../src/pipeline/telling/tell.ts';
import type { Seen, Telling } from '../../src/pipeline/telling/teller.ts';
import { openStaging } from '../../src/staging/staging.ts';
import { blackHole } from '../support/faulty-proxy.ts';
import { inFile, withPassword } from '../support/night.ts';
import { nightsOf, type Nights } from '../support/nights.ts';
import { writeConnections } from '../support/project.ts';
import { httpReceiver, mailReceiver, type Receiver } from '../support/receivers.ts';
import { freePort } from '../support/servers/free-port.ts';
import { edit, sixtyCustomers } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;
const dayMs = 86_400_000;
const firstNight = Date.UTC(2026, 0, 1, 2);
const nightOf = (n: number): { asOf: string; now: () => Date } => {
  const at = new Date(firstNight + n * dayMs);
  return { asOf: at.toISOString().slice(0, 10), now: () => at };
};
/** A night of these fails. */
const broken = sixtyCustomers.with(3, ['C003', 'NaN', 100]);
const webhook = "webhook: '${env:SEGTAG_TEST_HOOK}', secret: '${env:SEGTAG_TEST_KEY}'";

async function migrated(database: StagingDatabase): Promise<Nights> {
  const staging = await openStaging(database.connection);
  await staging.migrate(['segment_tag']);
  await staging.close();
  return nightsOf(database);
}

/** Gives the job a `notify`, and what that reads from the environment. */
function tellingFor(nights: Nights, notify: string, env: Record<string, string>): Telling {
  edit(nights, 'jobs/small.yaml', 'labels:', `notify: ${notify}\nlabels:`);
  Object.assign(process.env, env);
  return tellingOf(
    openProject({ directory: nights.directory, logFormat: 'human' }),
    loadJob(nights.directory, 'small'),
  );
}

function kindsOf(receiver: Receiver): string[] {
  return receiver.alerts().map(({ condition, kind, at }) => `${at.slice(0, 10)} ${condition} ${kind}`);
}

describe.each(stagingEngines)('failing nights on $name', ({ it, fresh, name }) => {
  // Thirty everywhere in the full run.
  const count = name === 'SQLite' || process.env.SEGTAG_TEST_FULL === '1' ? 30 : 9;

  it(`(${count} of them) are one alert, the agreed reminders, and one recovery`, async () => {
    const database = await fresh();
    const nights = await migrated(database);
    const receiver = await httpReceiver();
    const env = {
      SEGTAG_TEST_HOOK: `${receiver.url}/hook`,
      SEGTAG_TEST_KEY: 'key',
      ...withPassword(database.connection),
    };
    const telling = tellingFor(nights, `[{ ${webhook}, remind_after: 7d }]`, env);
    expect(await nights.run({ ...nightOf(0), telling })).toMatchObject({ ended: 'published' });
    nights.customersAre(broken);
    for (let n = 1; n <= count; n++)
      expect(await nights.run({ ...nightOf(n), telling })).toMatchObject({ ended: 'E_FEATURE_NOT_FINITE' });
    nights.customersAre(sixtyCustomers);
    for (const n of [count + 1, count + 2])
      expect(await nights.run({ ...nightOf(n), telling })).toMatchObject({ ended: 'no_change' });
    const reminders = [8, 15, 22, 29].filter((n) => n <= count);
    expect(kindsOf(receiver)).toEqual([
      '2026-01-02 failed raised',
      ...reminders.map((n) => `${nightOf(n).asOf} failed reminder`),
      `${nightOf(count + 1).asOf} failed recovered`,
    ]);
    for (const { headers, text } of receiver.received) {
      const seconds = Number(/^t=(\d+)/.exec(String(headers['segtag-signature']))?.[1]);
      expect(headers['segtag-signature']).toBe(signature('key', text, new Date(seconds * 1000)));
      expect(headers['idempotency-key']).toBe((JSON.parse(text) as { id: string }).id);
    }
    expect(new Set(receiver.alerts().map(({ id }) => id)).size).toBe(reminders.length + 2);
    expect(receiver.alerts().at(-2)).toMatchObject({ occurrences: reminders.at(-1), code: 'E_FEATURE_NOT_FINITE' });
    expect(await database.query('select * from segtag_alert_message')).toEqual([]);
    await database.drop();
  });

  it('seen by several hosts at the same time are told by one of them', async () => {
    const database = await fresh();
    const nights = await migrated(database);
    const receiver = await httpReceiver();
    const env = { SEGTAG_TEST_HOOK: receiver.url, SEGTAG_TEST_KEY: 'key', ...withPassword(database.connection) };
    const telling = tellingFor(nights, `[{ ${webhook} }]`, env);
    const seen: Seen = { condition: 'overdue', active: true, runId: null, what: 'Late.', next: 'Look.' };
    const log = silentLogger;
    const teller = { loaded: loadJob(nights.directory, 'small'), target: 'test', telling, now: () => new Date(), log };
    const hosts = await Promise.all(Array.from({ length: 5 }, () => openStaging(database.connection)));
    await Promise.all(hosts.map((host) => tell(host, [seen], teller)));
    expect(kindsOf(receiver).map((line) => line.slice(11))).toEqual(['overdue raised']);
    await Promise.all(hosts.map((host) => tell(host, [{ ...seen, active: false }], teller)));
    expect(kindsOf(receiver).map((line) => line.slice(11))).toEqual(['overdue raised', 'overdue recovered']);
    for (const host of hosts) await host.close();
    await database.drop();
  });
});

describe('a dead channel', () => {
  it('costs a run no more than ten seconds, with all others, and gets its message at the next opportunity', async () => {
    const database = await sqlite.fresh();
    const nights = await migrated(database);
    const [hole, other] = [await blackHole(), await httpReceiver()];
    const dead = `http://127.0.0.1:${hole.port}/x`;
    const warehouse = { client: 'duckdb', views: { customer: 'customer.csv' } };
    const crm = inFile(database.connection);
    const smtp = { host: '127.0.0.1', port: hole.port, from: 'segtag@example.com' };
    const metrics = { push: '${env:SEGTAG_TEST_PUSH}' };
    writeConnections(nights.directory, { test: { connections: { warehouse, crm }, smtp, metrics } });
    const notify = `[{ ${webhook} }, { email: ops@example.com }, { webhook: '\${env:SEGTAG_TEST_OTHER}' }]`;
    const env = {
      SEGTAG_TEST_HOOK: dead,
      SEGTAG_TEST_KEY: 'key',
      SEGTAG_TEST_PUSH: dead,
      SEGTAG_TEST_OTHER: other.url,
    };
    const telling = tellingFor(nights, notify, env);
    nights.customersAre(broken);
    const bare = await timed(() => nights.run(nightOf(1)));
    const told = await timed(() => nights.run({ ...nightOf(2), telling }));
    expect([bare.ended, told.ended]).toEqual(['E_FEATURE_NOT_FINITE', 'E_FEATURE_NOT_FINITE']);
    const delayMs = told.ms - bare.ms;
    console.log(`a black-hole webhook, mail server and Pushgateway delayed a run by ${Math.round(delayMs)} ms in all`);
    expect(delayMs).toBeGreaterThan(5000);
    expect(delayMs).toBeLessThan(10_000);
    expect(kindsOf(other)).toEqual(['2026-01-03 failed raised']);

    const receiver = await httpReceiver();
    Object.assign(process.env, { SEGTAG_TEST_HOOK: receiver.url, SEGTAG_TEST_PUSH: receiver.url });
    const mail = await mailReceiver();
    writeConnections(nights.directory, {
      test: { connections: { warehouse, crm }, smtp: { ...smtp, port: mail.port, tls: 'disable' } },
    });
    const loaded = loadJob(nights.directory, 'small');
    const again = tellingOf(openProject({ directory: nights.directory, logFormat: 'human' }), loaded);
    nights.customersAre(sixtyCustomers);
    expect(await nights.run({ ...nightOf(3), telling: again })).toMatchObject({ ended: 'published' });
    expect(kindsOf(receiver)).toEqual(['2026-01-03 failed raised', '2026-01-04 failed recovered']);
    expect(mail.mails.map((text) => /^Subject: (.*)$/m.exec(text)?.[1])).toEqual([
      'segtag: small failed',
      'segtag: small has recovered (failed)',
    ]);
    await hole.close();
    await database.drop();
  });

  it('that refuses, or whose secret is missing, keeps its message and fails nothing', async () => {
    const database = await sqlite.fresh();
    const nights = await migrated(database);
    const receiver = await httpReceiver();
    receiver.answer(500);
    const telling = tellingFor(nights, `[{ ${webhook} }]`, { SEGTAG_TEST_HOOK: receiver.url, SEGTAG_TEST_KEY: '' });
    nights.customersAre(broken);
    expect(await nights.run({ ...nightOf(1), telling })).toMatchObject({ ended: 'E_FEATURE_NOT_FINITE' });
    expect(receiver.received).toEqual([]);
    process.env.SEGTAG_TEST_KEY = 'key';
    await nights.run({ ...nightOf(2), telling });
    receiver.answer(200);
    await nights.run({ ...nightOf(3), telling });
    const ids = receiver.alerts().map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    await database.drop();
  });
});

describe('a staging database that is out of reach', () => {
  it('is told once by way of a file, and its recovery too', async () => {
    const database = await sqlite.fresh();
    const nights = await migrated(database);
    const receiver = await httpReceiver();
    const telling = tellingFor(nights, `[{ ${webhook} }]`, { SEGTAG_TEST_HOOK: receiver.url, SEGTAG_TEST_KEY: 'key' });
    edit(nights, 'jobs/small.yaml', 'labels:', 'retry: { budget_seconds: 0 }\nlabels:');
    const config = { client: 'postgres', host: '127.0.0.1', port: await freePort(), database: 'd', user: 'u' };
    const crm = {
      name: 'crm',
      target: 'test',
      config: { ...config, tls: 'disable', connect_timeout_seconds: 2 },
    } as const;
    for (const n of [1, 2, 3])
      expect(await nights.run({ ...nightOf(n), telling, crm: crm as typeof database.connection })).toMatchObject({
        ended: 'E_CRM_UNREACHABLE',
      });
    expect(await nights.run({ ...nightOf(4), telling })).toMatchObject({ ended: 'published' });
    expect(kindsOf(receiver)).toEqual(['2026-01-02 failed raised', '2026-01-05 failed recovered']);
    expect(existsSync(join(nights.directory, 'var', 'alerts-test.json'))).toBe(false);
    await database.drop();
  });
});

describe('a held night', () => {
  it('is told with the guard that holds it and without a customer, and ends when a night is published', async () => {
    const database = await sqlite.fresh();
    const nights = await migrated(database);
    const receiver = await httpReceiver();
    const telling = tellingFor(nights, `[{ ${webhook}, events: [held, recovered] }]`, {
      SEGTAG_TEST_HOOK: receiver.url,
      SEGTAG_TEST_KEY: 'key',
    });
    await nights.run({ ...nightOf(0), telling });
    nights.customersAre(sixtyCustomers.slice(0, 40));
    for (const n of [1, 2]) expect(await nights.run({ ...nightOf(n), telling })).toMatchObject({ ended: 'held' });
    nights.customersAre(sixtyCustomers);
    await nights.run({ ...nightOf(3), telling });
    expect(kindsOf(receiver)).toEqual(['2026-01-02 held raised', '2026-01-04 held recovered']);
    expect(receiver.alerts()[0]!.what).toMatch(/^Held by .*leavers \(33\.33%, limit 10%/);
    await database.drop();
  });

  it('of a plan is told to nobody', async () => {
    const database = await sqlite.fresh();
    const nights = await migrated(database);
    const receiver = await httpReceiver();
    const env = { SEGTAG_TEST_HOOK: receiver.url, SEGTAG_TEST_KEY: 'key' };
    const telling = tellingFor(nights, `[{ ${webhook} }]`, env);
    await nights.run({ ...nightOf(0), telling });
    nights.customersAre(sixtyCustomers.slice(0, 40));
    expect(await nights.run({ ...nightOf(1), telling, mode: 'plan' })).toMatchObject({ ended: 'held' });
    expect(receiver.received).toEqual([]);
    await database.drop();
  });
});

describe('the message of the documentation', () => {
  it('has the fields that are sent', async () => {
    const { readFileSync } = await import('node:fs');
    const [, documented = '{}'] =
      /```json\n(\{\n  "schemaVersion"[\s\S]*?)```/.exec(readFileSync('docs/operating.md', 'utf8')) ?? [];
    const states = {
      before: { sinceMs: null, observedMs: 0, occurrences: 0, runId: null },
      after: { sinceMs: 1, observedMs: 1, occurrences: 1, runId: 'r' },
    };
    const facts = {
      job: 'j',
      target: 't',
      owner: 'o',
      condition: 'failed',
      code: 'c',
      stage: 's',
      what: 'w',
      next: 'n',
    } as const;
    const sent = alertBody(facts, { kind: 'raised', nth: 0 }, states);
    expect(Object.keys(JSON.parse(documented) as object)).toEqual(Object.keys(sent));
  });
});

async function timed<Result extends object>(work: () => Promise<Result>): Promise<Result & { readonly ms: number }> {
  const start = performance.now();
  const result = await work();
  return { ...result, ms: performance.now() - start };
}
