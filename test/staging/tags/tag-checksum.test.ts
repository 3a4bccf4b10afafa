import { describe, expect, onTestFinished } from 'vitest';
import type { Drift } from '../../../src/frame/tags.ts';
import { connectStore } from '../../../src/staging/connect.ts';
import type { Store } from '../../../src/staging/engines/engine.ts';
import { checksumOfTable, isSame, leftByPublish } from '../../../src/staging/tags/tag-checksum.ts';
import { stagingEngines, type StagingDatabase } from '../../support/staging-databases.ts';
import { candidate, candidatesOf, leaver, publishRun, setUp } from '../../support/staging-fixtures.ts';

const tags = { job: 'opportunities', table: 'segment_tag' };
const none: Drift = { edited: [], missing: [], foreign: [] };
const servers = stagingEngines.filter(({ name }) => name !== 'SQLite');

const move = (id: string, expectedChangeSeq: number) =>
  candidate(id, { kind: 'move', segment: 'win_back', fromSegment: 'renewal', expectedChangeSeq });

async function connected({ connection }: StagingDatabase): Promise<Store> {
  const { store, close } = await connectStore(connection);
  onTestFinished(close);
  return store;
}

/** Whether the table adds up to what the newest publish says that it left. */
async function addsUp(store: Store): Promise<boolean> {
  return store.knex.transaction(async (trx) => {
    const left = await leftByPublish(store, trx, tags);
    return isSame(await checksumOfTable(store, trx, tags), left?.checksum ?? null);
  });
}

describe.each(servers)('the checksum of published tags on $name', ({ it, fresh, name }) => {
  it('is that of the table after every publish, whoever enters, moves, leaves and comes back', async () => {
    const { database, staging } = await setUp({ fresh });
    const store = await connected(database);
    const odd = { segmentName: "Ω, 'quoted' \\ \n", campaign: null, control: 1 } as const;
    await publishRun(staging, 'r1', candidatesOf(candidate('a'), candidate('b', odd), candidate('c'), candidate('ä ')));
    expect(await addsUp(store)).toBe(true);
    await publishRun(staging, 'x1', candidatesOf(candidate('a')), { job: 'other' });
    await publishRun(staging, 'r2', candidatesOf(move('a', 1), leaver('b', 2)));
    expect(await addsUp(store)).toBe(true);
    const back = candidate('b', { kind: 'enter', expectedChangeSeq: 7 });
    await publishRun(staging, 'r3', candidatesOf(back, leaver('c', 3)), { leavers: 'delete' });
    expect(await addsUp(store)).toBe(true);
    await publishRun(staging, 'r4', candidatesOf(candidate('c'), candidate('d')));
    expect(await addsUp(store)).toBe(true);
    await publishRun(staging, 'r5', candidatesOf());
    expect(await addsUp(store)).toBe(true);
    expect(await staging.findDrift(tags)).toEqual(none);
  });

  it('spares the look at what runs wrote while it is right, and never otherwise', async () => {
    const { database, staging } = await setUp({ fresh });
    const store = await connected(database);
    await publishRun(staging, 'r1', candidatesOf(candidate('a'), candidate('b')));
    await database.query("update segtag_candidate set campaign = 'x' where customer_id = 'a'");
    expect(await staging.findDrift(tags)).toEqual(none);
    for (const wrong of [null, '0', '-17']) {
      await database.query('update segtag_run set tag_checksum = ?', [wrong]);
      expect(await staging.findDrift(tags)).toEqual({ ...none, edited: ['a'] });
      expect(await addsUp(store)).toBe(false);
    }
    await database.query("update segtag_candidate set campaign = 'renewal' where customer_id = 'a'");
    expect(await staging.findDrift(tags)).toEqual(none);
    expect(await addsUp(store)).toBe(true);
  });

  it('takes no row that somebody has touched for published, however many nights later', async () => {
    const { database, staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', candidatesOf(candidate('a'), candidate('b'), candidate('c')));
    await database.query("update segment_tag set campaign = 'by hand' where customer_id = 'c'");
    await database.query("delete from segment_tag where customer_id = 'b'");
    const drift = { ...none, edited: ['c'], missing: ['b'] };
    await publishRun(staging, 'r2', candidatesOf(move('a', 1)));
    expect(await staging.findDrift(tags)).toEqual(drift);
    await publishRun(staging, 'r3', candidatesOf(candidate('d')));
    expect(await staging.findDrift(tags)).toEqual(drift);
  });

  const texts = ['segment', 'segment_name', 'campaign', 'previous_segment', 'state', 'run_id'];
  const edits: readonly (readonly [change: string, drift: Partial<Drift>])[] = [
    ...texts.map((column) => [`update segment_tag set ${column} = 'x' where customer_id = 'a'`, {}] as const),
    ["update segment_tag set previous_segment = '' where customer_id = 'a'", {}],
    ["update segment_tag set campaign = null where customer_id = 'a'", {}],
    ["update segment_tag set campaign = null where customer_id = 'empty'", { edited: ['empty'] }],
    ["update segment_tag set campaign = 'Renewal', segment_name = 'renewal' where customer_id = 'a'", {}],
    ["update segment_tag set segment_since = '2026-03-02' where customer_id = 'a'", {}],
    [`update segment_tag set scores = '{"r":2}' where customer_id = 'a'`, {}],
    ["update segment_tag set scores = null where customer_id = 'a'", {}],
    ["update segment_tag set control = 0 where customer_id = 'a'", {}],
    ["update segment_tag set change_seq = 2 where customer_id = 'a'", {}],
    ["delete from segment_tag where customer_id = 'b'", { edited: [], missing: ['b'] }],
    [
      `insert into segment_tag select job, 'z', segment, segment_name, campaign, previous_segment, segment_since, scores,
         state, run_id, change_seq, control from segment_tag where job = 'opportunities' and customer_id = 'a'`,
      { edited: [], foreign: ['z'] },
    ],
    [
      "update segment_tag set campaign = case customer_id when 'a' then 'win-back' else 'renewal' end where customer_id in ('a', 'b')",
      { edited: ['a', 'b'] },
    ],
  ];

  it('tells of a change of each column, of rows that swap a value, and of rows that come and go', async () => {
    const { database, staging } = await setUp({ fresh });
    const rows = [candidate('a'), candidate('b', { campaign: 'win-back' }), candidate('empty', { campaign: '' })];
    await publishRun(staging, 'r1', candidatesOf(...rows));
    await database.query('create table untouched as select * from segment_tag');
    for (const [change, drift] of edits) {
      await database.query(change);
      expect(await staging.findDrift(tags), change).toEqual({ ...none, edited: ['a'], ...drift });
      await database.query('delete from segment_tag');
      await database.query('insert into segment_tag select * from untouched');
      expect(await staging.findDrift(tags)).toEqual(none);
    }
  });

  it('has other bits for other values, though put together they read the same, and the same in every session', async () => {
    const { database } = await setUp({ fresh });
    const { knex, engine } = await connected(database);
    const values = [null, '', 'a', ',', ',a', 'a,', '1', '-1', '1,a', 'a,1,a', "'", 'NULL', '\\'];
    await database.query('create table odd (id varchar(9), a varchar(9), b varchar(9), day date, n bigint)');
    const pairs = values.flatMap((a) => values.map((b) => [a, b]));
    const rows = pairs.map(() => "('x', ?, ?, '2026-03-04', 7)").join();
    await database.query(`insert into odd (id, a, b, day, n) values ${rows}`, pairs.flat());
    const inSession = (settings: string): Promise<unknown[]> =>
      knex.transaction(async (trx) => {
        await engine.run(trx, settings, []);
        const hash = await engine.rowHash(trx, { id: 'id', texts: ['a', 'b'], others: ['day', 'n'] });
        return (await engine.run(trx, `select ${hash} as hash from odd`, [])).rows.map(({ hash }) => hash);
      });
    const hashes = await inSession('select 1');
    expect(new Set(hashes.map(String)).size).toBe(pairs.length);
    const elsewhere =
      name === 'PostgreSQL'
        ? "select set_config('DateStyle', 'German', true), set_config('TimeZone', 'Asia/Tokyo', true)"
        : "set time_zone = '+09:00', lc_time_names = 'de_DE'";
    expect((await inSession(elsewhere)).map(String).toSorted()).toEqual(hashes.map(String).toSorted());
  });
});
