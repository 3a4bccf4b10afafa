import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { stagingEngines } from '../../support/staging-databases.ts';
import { candidate, candidatesOf, failureOf, leaver, publishRun, setUp } from '../../support/staging-fixtures.ts';

/** The SQL of docs/crm-sync.md that is meant for an engine, in its order. */
function documentedSql(engine: string): string[] {
  const blocks = readFileSync('docs/crm-sync.md', 'utf8').matchAll(/```sql\n-- ([a-z, ]+)\n([\s\S]*?)```/g);
  return [...blocks].filter(([, engines = '']) => engines.split(', ').includes(engine)).map(([, , sql = '']) => sql);
}

describe.each(stagingEngines)('the change feed on $name', ({ name, it, fresh }) => {
  it('goes on from any number in commit order, and tells how far a consumer lags', async () => {
    const { staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', candidatesOf(candidate('a'), candidate('b')));
    await publishRun(staging, 'r2', candidatesOf(leaver('b', 2)));
    const all = await staging.readChanges({ since: 0, limit: 10 });
    expect(all.map(({ changeSeq, customerId, kind, toSegment }) => [changeSeq, customerId, kind, toSegment])).toEqual([
      [1, 'a', 'enter', 'renewal'],
      [2, 'b', 'enter', 'renewal'],
      [3, 'b', 'leave', null],
    ]);
    expect(all[0]!.changedAt).toMatch(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/);
    expect(await staging.readChanges({ since: 1, limit: 1 })).toEqual([all[1]]);
    expect(await staging.readChanges({ since: 0, limit: 10, job: 'another' })).toEqual([]);
    expect(await staging.consumerPosition('sync')).toEqual({ consumer: 'sync', position: 0, lag: 3 });
    expect(await staging.acknowledge('sync', 2)).toEqual({ consumer: 'sync', position: 2, lag: 1 });
    expect(await staging.consumerPosition('sync')).toEqual({ consumer: 'sync', position: 2, lag: 1 });
  });

  it('takes no acknowledgement that goes back, or beyond its end', async () => {
    const { staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', candidatesOf(candidate('a'), candidate('b')));
    await staging.acknowledge('sync', 1);
    for (const position of [0, 3])
      expect(await failureOf(staging.acknowledge('sync', position))).toMatchObject({ code: 'E_USAGE' });
    expect(await staging.consumerPosition('sync')).toMatchObject({ position: 1 });
  });

  // The documentation is for servers; on SQLite its PostgreSQL statements happen to be no SQL.
  if (name === 'SQLite') return;
  const documented = documentedSql(name === 'MariaDB' ? 'mysql' : 'postgres');
  it('can be read with the SQL that the documentation gives', async () => {
    const { database, staging } = await setUp({ fresh });
    const items = ['tea', 'cup'].map((productId) => ({ productId, score: 1, reason: 'bought by most' }));
    const lists = { count: 1, each: () => [{ subjectKind: 'customer', subjectId: 'a', items }] as const };
    const candidates = candidatesOf(candidate('a'), candidate('b'));
    await publishRun(staging, 'r1', candidates, { changes: { candidates, lists, model: null } });
    await publishRun(staging, 'r2', candidatesOf(leaver('b', 2)));
    const [state = '', campaign = '', feed = '', acknowledge = '', behind = '', offers = ''] = documented;
    expect((await database.query(state)).map(({ customer_id: id }) => id)).toEqual(['a']);
    expect((await database.query(offers)).map(({ product_id: id }) => id)).toEqual(['tea', 'cup']);
    await database.query("update segment_tag set control = 1 where customer_id = 'a'");
    expect(await database.query(campaign)).toEqual([]);
    expect(await database.query(feed)).toHaveLength(3);
    await database.query(acknowledge);
    await database.query(acknowledge);
    expect(await database.query(feed)).toHaveLength(1);
    expect(await staging.consumerPosition('crm-sync')).toMatchObject({ position: 2, lag: 1 });
    const isBehind = async (): Promise<number> => Number((await database.query(behind))[0]!.behind);
    await database.query("insert into segtag_floor (job, change_seq, publish_seq) values ('opportunities', 2, 1)");
    expect(await isBehind()).toBe(0);
    await database.query('update segtag_floor set change_seq = 3');
    expect(await isBehind()).toBe(1);
  });
});
