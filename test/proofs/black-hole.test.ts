import { describe, expect } from 'vitest';
import { openStaging } from '../../src/staging/staging.ts';
import { blackHole, fallingSilent } from '../support/faulty-proxy.ts';
import { nightsOf } from '../support/nights.ts';
import { rowsOf, sixty } from '../support/proofs/customers.ts';
import { readerView } from '../support/proofs/invariants.ts';
import { edit } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';
import { soonMs } from '../support/patience.ts';

/** The same database where a proxy stands in front of it, which is given a second to answer. */
function through({ connection }: StagingDatabase, port: number): StagingDatabase['connection'] {
  const { config } = connection;
  if (config.client !== 'postgres' && config.client !== 'mysql') throw new Error('no server');
  return { ...connection, config: { ...config, host: '127.0.0.1', port, connect_timeout_seconds: 1 } };
}

async function published(database: StagingDatabase) {
  const staging = await openStaging(database.connection);
  await staging.migrate(['segment_tag']);
  await staging.close();
  const nights = nightsOf(database, rowsOf(sixty));
  edit(nights, 'jobs/small.yaml', 'labels:', 'retry: { budget_seconds: 0 }\nlabels:');
  expect(await nights.run({ asOf: '2026-06-29' })).toMatchObject({ ended: 'published' });
  nights.customersAre(rowsOf(new Map([...sixty, ['N001', 'recent'] as const])));
  return nights;
}

describe.each(stagingEngines.slice(1))('$name behind a proxy that never answers', ({ it, fresh }) => {
  it('ends a night by a time-out, not a hang', async () => {
    const database = await fresh();
    const nights = await published(database);
    const hole = await blackHole();
    const start = performance.now();
    expect(await nights.run({ crm: through(database, hole.port) })).toMatchObject({ ended: 'E_CRM_UNREACHABLE' });
    expect(performance.now() - start).toBeLessThan(soonMs);
    await hole.close();
    await database.drop();
  });

  it('that falls silent in the middle of a publish ends a night by a time-out, and the next one is good', async () => {
    const database = await fresh();
    const nights = await published(database);
    const before = await readerView(database);
    const { config } = database.connection;
    if (config.client !== 'postgres' && config.client !== 'mysql') throw new Error('no server');
    const proxy = await fallingSilent({ host: config.host, port: config.port }, 'segment_change (change_seq');
    const night = await nights.run({
      crm: through(database, proxy.port),
      leaseMs: 3000,
      patience: { lockWaitMs: 1000, silenceMs: 1000 },
    });
    expect(night.ended).toMatch(/^E_(CRM_LOST|CRM_UNREACHABLE)$/);
    await proxy.close();
    expect(await readerView(database)).toBe(before);
    await database.query('update segtag_lease set expires_ms = 1');
    expect(await nights.run()).toMatchObject({ ended: 'published' });
    await database.drop();
  });
});
