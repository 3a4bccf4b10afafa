import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nightsOf, type Nights } from '../../support/nights.ts';
import { edit } from '../../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;
const readyPollMs = 50;

async function gated(sql: string, gate = 'wait_up_to: 1s'): Promise<{ nights: Nights; database: StagingDatabase }> {
  const database = await sqlite.fresh();
  onTestFinished(() => database.drop());
  const nights = nightsOf(database);
  edit(nights, 'jobs/small.yaml', 'labels:', `ready: { ${gate} }\nlabels:`);
  const file = /sql: (\w+\.sql)/.exec(gate)?.[1] ?? 'ready.sql';
  writeFileSync(join(nights.directory, 'sql/small', file), `${sql}\n`);
  return { nights, database };
}

describe('a run whose job has a gate', () => {
  it.each([
    ['SELECT true'],
    ['SELECT 1'],
    ["SELECT 'loaded' FROM :source: HAVING count(*) = 60 AND CAST(:as_of AS DATE) = DATE '2026-06-30'"],
  ])('reads when %s', async (sql) => {
    const { nights } = await gated(sql);
    expect(await nights.run({ readyPollMs })).toMatchObject({ ended: 'published' });
  });

  it.each([['SELECT false'], ['SELECT 0'], ['SELECT NULL'], ['SELECT 1 WHERE false']])(
    'reads nothing after %s, and exits as one to be tried again',
    async (sql) => {
      const { nights, database } = await gated(sql, 'wait_up_to: 0s, sql: gate.sql');
      const night = await nights.run({ readyPollMs });
      expect(night).toMatchObject({ ended: 'E_NOT_READY', error: { exitCode: 4, where: 'sql/small/gate.sql' } });
      expect(await database.query('select status, error_code from segtag_run')).toEqual([
        { status: 'failed', error_code: 'E_NOT_READY' },
      ]);
    },
  );

  it('looks again until the source is ready, with its slot taken and its lease held', async () => {
    const { nights, database } = await gated('SELECT 1 FROM :source: HAVING count(*) > 60', 'wait_up_to: 60s');
    const slot = new Date('2026-06-30T01:00:00Z');
    const night = nights.run({ readyPollMs, slot, leaseMs: 1500 });
    await sleep(4000);
    expect(await nights.run({ slot })).toMatchObject({ ended: 'E_ALREADY_RUNNING' });
    expect(await database.query('select count(*) as n from segtag_slot')).toEqual([{ n: 1 }]);
    const csv = Array.from({ length: 62 }, (_, i) => [`C${i}`, i % 2 ? 10 + i : 500 + i, 100 + (i % 7)] as const);
    nights.customersAre(csv);
    expect(await night).toMatchObject({ ended: 'published' });
  });

  it('stops waiting when it is told to stop, and frees the job', async () => {
    const { nights } = await gated('SELECT false', 'wait_up_to: 1h');
    const controller = new AbortController();
    const night = nights.run({ readyPollMs: 3_600_000, signal: controller.signal });
    await sleep(600);
    controller.abort(new Error('stopped'));
    expect(await night).toMatchObject({ ended: 'Error: stopped' });
    edit(nights, 'sql/small/ready.sql', 'false', 'true');
    expect(await nights.run()).toMatchObject({ ended: 'published' });
  });

  it('is told before anything is run that the query is missing', async () => {
    const { nights } = await gated('SELECT 1');
    edit(nights, 'jobs/small.yaml', 'wait_up_to: 1s', 'wait_up_to: 1s, sql: other.sql');
    expect(await nights.run()).toMatchObject({ ended: 'E_SQL_TEMPLATE' });
  });
});
