import { describe, expect, onTestFinished } from 'vitest';
import { openStaging, type Staging } from '../../src/staging/staging.ts';
import { fallingSilent, type SilentProxy } from '../support/faulty-proxy.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';
import { candidate, candidatesOf, failureOf, manyEntering, publishRun, setUp } from '../support/staging-fixtures.ts';
import { soonMs } from '../support/patience.ts';

const servers = stagingEngines.filter(({ name }) => name !== 'SQLite');

async function throughProxy(
  database: StagingDatabase,
  whenSent?: string,
): Promise<{ staging: Staging; proxy: SilentProxy }> {
  const { config } = database.connection;
  if (config.client !== 'postgres' && config.client !== 'mysql') throw new Error('no server');
  const proxy = await fallingSilent({ host: config.host, port: config.port }, whenSent);
  onTestFinished(() => proxy.close());
  const through = { ...config, host: '127.0.0.1', port: proxy.port, connect_timeout_seconds: 3 };
  const staging = await openStaging({ ...database.connection, config: through }, { silenceMs: 1000 });
  onTestFinished(() => staging.close());
  return { staging, proxy };
}

describe.each(servers)('a connection to $name that goes silent', ({ it, fresh }) => {
  it('ends a statement as lost, and close settles', async () => {
    const { database } = await setUp({ fresh });
    const { staging, proxy } = await throughProxy(database);
    proxy.fallSilent();
    const started = performance.now();
    expect(await failureOf(staging.findRun('r1'))).toMatchObject({ code: 'E_CRM_LOST' });
    await staging.close();
    expect(performance.now() - started).toBeLessThan(soonMs);
  });

  it('ends a read of the tags in the middle of its rows as lost', async () => {
    const { database, staging: direct } = await setUp({ fresh });
    await publishRun(direct, 'r1', manyEntering(50_000));
    const { staging, proxy } = await throughProxy(database);
    const reading = staging.readTags({ job: 'opportunities', table: 'segment_tag', withScores: true });
    setTimeout(() => proxy.fallSilent(), 5);
    expect(await failureOf(reading)).toMatchObject({ code: 'E_CRM_LOST' });
  });

  it('ends a publish as lost, with nothing published, and the next one goes through', async () => {
    const { database, staging: direct } = await setUp({ fresh });
    await publishRun(direct, 'r1', candidatesOf(candidate('a')));
    const { staging, proxy } = await throughProxy(database);
    const endless = {
      count: 200_000,
      at: (i: number) => (i === 100_000 && proxy.fallSilent(), candidate(`b${1e6 + i}`)),
    };
    const code = await failureOf(publishRun(staging, 'r2', endless));
    expect(['E_CRM_LOST', 'E_CRM_UNREACHABLE']).toContain(code.code);
    await staging.close();
    expect(await publishRun(direct, 'r3', candidatesOf(candidate('c')))).toMatchObject({ rows: 1 });
    const [row] = await database.query("select status from segtag_run where run_id = 'r2'");
    expect(row?.status).toBe('running');
  });

  it('is noticed by the server, which gives back the publish lock of a client that is gone', async () => {
    const { database, staging: direct } = await setUp({ fresh });
    await publishRun(direct, 'r1', candidatesOf(candidate('a')));
    const { staging } = await throughProxy(database, 'insert into segment_change');
    const failure = await failureOf(publishRun(staging, 'r2', candidatesOf(candidate('b'))));
    expect(failure).toMatchObject({ code: 'E_CRM_LOST' });
    expect(await publishRun(direct, 'r3', candidatesOf(candidate('c')))).toMatchObject({ rows: 1, firstSeq: 2 });
    expect(await database.query("select customer_id from segment_tag where customer_id = 'b'")).toEqual([]);
  });
});
