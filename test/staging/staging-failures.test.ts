import { describe, expect, onTestFinished } from 'vitest';
import { openStaging, type Staging } from '../../src/staging/staging.ts';
import { losingCommit } from '../support/faulty-proxy.ts';
import { stagingEngines, waitingFor, type Session, type StagingDatabase } from '../support/staging-databases.ts';
import {
  candidate,
  candidatesOf,
  checksum,
  during,
  failureOf,
  leaver,
  manyEntering,
  publishRun,
  runOf,
  setUp,
} from '../support/staging-fixtures.ts';

const ownTables = [
  'segment_tag',
  'segment_change',
  'segtag_run',
  'segtag_model',
  'segtag_candidate',
  'product_recommendation',
  'segtag_recommendation',
  'segtag_decision',
  'segtag_floor',
  'segtag_sequence',
  'segtag_migration',
];
const publishedAt = '2026-03-02T02:00:00.000Z';

const servers = stagingEngines.filter(({ name }) => name !== 'SQLite');

describe.each(stagingEngines)('staging on $name', ({ it, fresh, name: engine }) => {
  it('shows a reader the run before or the run after, never a mix', async () => {
    const { database, staging } = await setUp({ fresh });
    const count = 20_000;
    await publishRun(staging, 'before', manyEntering(count));
    const half = count / 2;
    const changing = {
      count: count + half,
      at: (index: number) => {
        const id = `c${String(index).padStart(7, '0')}`;
        if (index >= count) return candidate(id, { segment: 'new' });
        if (index >= half) return leaver(id, index + 1);
        return candidate(id, { kind: 'move', segment: 'win_back', expectedChangeSeq: index + 1 });
      },
    };
    const reader = await database.session();
    const look = `select (select count(*) from segment_tag where run_id = 'after') as tags,
      (select count(*) from segment_tag where segment = 'renewal') as stay, (select max(change_seq) from segment_change) as feed,
      (select count(*) from segtag_run where run_id = 'after' and status = 'published') as runs,
      (select count(*) from segtag_model m join segtag_run r on r.run_id = m.run_id
        where r.run_id = 'after' and r.status = 'published') as models`;
    const views = new Set<string>();
    const seen = async (): Promise<string> =>
      Object.values((await reader.query(look))[0]!)
        .map(Number)
        .join(' ');
    await during(publishRun(staging, 'after', changing), async () => void views.add(await seen()));
    const last = await seen();
    await reader.close();
    expect(last).toBe('30000 0 50000 1 1');
    expect([...views].filter((view) => view !== '0 20000 20000 0 0' && view !== last)).toEqual([]);
  });

  it('refuses names that are too long, tells the ids, at most ten, and writes nothing', async () => {
    const { database, staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', candidatesOf(candidate('a')));
    const before = await checksum(database);
    const limit128 = '😀'.repeat(128);
    const rows = Array.from({ length: 12 }, (_, i) => candidate(`long${10 + i}`, { segmentName: `${limit128}x` }));
    const refused = publishRun(staging, 'r2', candidatesOf(candidate('fits', { segmentName: limit128 }), ...rows));
    const failure = await failureOf(refused);
    expect(failure).toMatchObject({ code: 'E_CRM_REFUSED_ROWS', remedy: expect.stringContaining('segment_name') });
    expect(failure.message).toContain('128 characters');
    expect(failure.message).toContain('"long10"');
    expect(failure.message).toContain('"long19" and 2 more');
    expect(failure.message).not.toContain('long20');
    expect(await checksum(database)).toBe(before);
    await publishRun(staging, 'r3', candidatesOf(candidate('fits', { segmentName: limit128 })));
  });

  it('keeps to the real lengths of a table that somebody else made', async () => {
    const { database, staging } = await setUp({ fresh });
    const limit = engine === 'SQLite' ? ' check (length(campaign) <= 5)' : '';
    const columns = ['segment', 'segment_name', 'previous_segment', 'scores', 'state', 'run_id'];
    await database.query(`create table crm_tag (job varchar(64), customer_id varchar(255), campaign varchar(5)${limit},
      ${columns.map((column) => `${column} ${column === 'scores' && engine === 'PostgreSQL' ? 'json' : 'varchar(200)'}`).join()},
      segment_since date, change_seq bigint, primary key (job, customer_id))`);
    expect(await staging.migrate(['crm_tag'])).toEqual({
      applied: ['0002_tag_table crm_tag', '0006_control_group crm_tag'],
    });
    const refused = publishRun(staging, 'r1', candidatesOf(candidate('a', { campaign: 'sixsix' })), {
      table: 'crm_tag',
    });
    expect(await failureOf(refused)).toMatchObject({
      code: 'E_CRM_REFUSED_ROWS',
      message: expect.stringContaining('5 characters'),
    });
    await publishRun(staging, 'r2', candidatesOf(candidate('a', { campaign: 'five!' })), { table: 'crm_tag' });
  });

  it.for([
    ['a segment without room', { segment: 's'.repeat(65) }],
    ['an id without room', { customerId: 'i'.repeat(256) }],
    ['a NUL character', { campaign: 'a\0b' }],
    ['a date that does not exist', { segmentSince: '2026-02-30' }],
    ['scores that are not JSON', { scores: '{' }],
  ] as const)('refuses %s on every engine alike', async ([, fields]) => {
    const { database, staging } = await setUp({ fresh });
    const before = await checksum(database);
    const refused = publishRun(staging, 'r1', candidatesOf(candidate('a', fields)));
    expect(await failureOf(refused)).toMatchObject({ code: 'E_CRM_REFUSED_ROWS' });
    expect(await checksum(database)).toBe(before);
  });

  it('rolls everything back when a constraint of the CRM refuses a row in the middle', async () => {
    const { database, staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', candidatesOf(candidate('a'), candidate('b')));
    await database.query('create unique index only_one_per_night on segment_change (changed_at, customer_id)');
    const before = await checksum(database);
    const clash = candidate('b', { kind: 'update', expectedChangeSeq: 2, campaign: 'secret campaign' });
    const enter = candidate('c');
    const refused = publishRun(staging, 'r2', candidatesOf(clash, enter));
    const failure = await failureOf(refused);
    expect(failure.code).toBe('E_CRM_REFUSED_ROWS');
    expect(`${failure.message}${failure.remedy}`).not.toMatch(/secret|insert|update segment/i);
    expect(await checksum(database)).toBe(before);
    expect(await staging.findRun('r2')).toMatchObject({ status: 'running', publishedAt: null });
  });

  it('gives up on a lock that another process keeps, and says so', async () => {
    const { database, staging } = await setUp({ fresh }, 300);
    await staging.insertRun(runOf('r1'));
    const holder = await database.session();
    await holdPublishLock(holder, engine);
    const publishing = { runId: 'r1', job: 'opportunities', table: 'segment_tag', baseRunId: null } as const;
    const changes = { candidates: candidatesOf(candidate('a')), model: null };
    const refused = staging.publish({ ...publishing, leavers: 'tombstone', changes, publishedAt });
    expect(await failureOf(refused)).toMatchObject({
      code: 'E_CRM_LOST',
      remedy: expect.stringContaining('another process'),
    });
    await holder.query('rollback');
    await holder.close();
    expect(await staging.publish({ ...publishing, leavers: 'tombstone', changes, publishedAt })).toMatchObject({
      rows: 1,
    });
  });

  it('needs no more than select, insert, update and delete', async () => {
    const { database } = await setUp({ fresh });
    const staging = await openStaging(await database.withLeastGrants(ownTables));
    onTestFinished(() => staging.close());
    await staging.requireMigrated('segment_tag');
    await publishRun(staging, 'r1', candidatesOf(candidate('a')));
    await staging.insertRun(runOf('plan'));
    const plan = { runId: 'plan', job: 'opportunities', targetTable: 'segment_tag', model: null } as const;
    await staging.savePlan({ ...plan, status: 'held', candidates: candidatesOf(candidate('b')) });
    expect(await staging.updateRun('plan', { status: 'rejected' })).toBe(true);
    expect((await staging.readTags({ job: 'opportunities', table: 'segment_tag', withScores: true })).rowCount).toBe(1);
  });

  it('keeps the record of runs, newest first, and a published run stays published', async () => {
    const { staging } = await setUp({ fresh });
    const run = runOf('r1', {
      slot: '2026-03-01T02:00:00.000Z',
      counts: { extracted: 4000 },
      timings: { extract: 12.5 },
      summary: { headline: '4,000 entered', nested: [null, { a: 1 }] },
      jobHash: 'a'.repeat(64),
    });
    await staging.insertRun(run);
    expect(await staging.findRun('r1')).toEqual(run);
    expect(await staging.findRun('r0')).toBeNull();
    await publishRun(staging, 'r2', candidatesOf(candidate('a')), { patch: { counts: { extracted: 5 } } });
    await staging.insertRun(runOf('r3', { startedAt: '2026-03-02T02:00:00.000Z', job: 'other' }));
    expect((await staging.listRuns({ limit: 2 })).map(({ runId }) => runId)).toEqual(['r3', 'r2']);
    expect((await staging.listRuns({ job: 'opportunities', limit: 9 })).map(({ runId }) => runId)).toEqual([
      'r2',
      'r1',
    ]);
    expect(await staging.recentExtracted('opportunities', 3)).toEqual([5]);
    expect(await staging.updateRun('r2', { status: 'failed', errorCode: 'E_CRM_LOST' })).toBe(false);
    expect(await staging.findRun('r2')).toMatchObject({ status: 'published', errorCode: null });
    expect(await staging.updateRun('r1', { status: 'no_change', finishedAt: publishedAt })).toBe(true);
    expect(await staging.recentExtracted('opportunities', 3)).toEqual([5, 4000]);
    expect(await failureOf(staging.updateRun('r9', { counts: {} }))).toMatchObject({ code: 'E_NOT_FOUND' });
  });
});

describe.each(servers)('staging on the server $name', ({ it, fresh }) => {
  it('asks to be migrated, and never migrates by itself', async () => {
    const database = await fresh();
    onTestFinished(() => database.drop());
    const staging = await openStaging(database.connection);
    onTestFinished(() => staging.close());
    const expected = { code: 'E_NOT_MIGRATED', remedy: expect.stringContaining('segtag migrate') };
    expect(await failureOf(staging.requireMigrated('segment_tag'))).toMatchObject(expected);
    expect(await failureOf(staging.publishedBase('opportunities'))).toMatchObject(expected);
    await staging.migrate(['segment_tag']);
    expect(await failureOf(staging.requireMigrated('other_tag'))).toMatchObject(expected);
  });

  it('names the grant that is missing', async () => {
    const { database } = await setUp({ fresh });
    const granted = ownTables.filter((table) => table !== 'segment_tag');
    const staging = await openStaging(await database.withLeastGrants(granted));
    onTestFinished(() => staging.close());
    const failure = await failureOf(publishRun(staging, 'r1', candidatesOf(candidate('a'))));
    expect(failure).toMatchObject({ code: 'E_GRANT_MISSING', message: expect.stringContaining('segment_tag') });
    expect(await failureOf(staging.migrate(['new_tag']))).toMatchObject({ code: 'E_GRANT_MISSING' });
  });

  it('leaves the last night as it was when its connection is killed in the middle of the writing', async () => {
    const { database, staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', candidatesOf(candidate('a')));
    // What was computed is kept for `retry`.
    const kept = ['segtag_candidate', 'segtag_model'];
    const before = await checksum(database, kept);
    const blocker = await database.session();
    await blocker.query('begin');
    await blocker.query(`insert into segment_change (change_seq, job, customer_id, kind, run_id, changed_at)
      values (3, 'x', 'x', 'enter', 'x', '2026-03-01 00:00:00')`);
    const moved = candidate('a', { kind: 'update', expectedChangeSeq: 1, campaign: 'other' });
    const publishing = failureOf(publishRun(staging, 'r2', candidatesOf(moved, candidate('b'), candidate('c'))));
    await killWriterOf(database);
    expect(await publishing).toMatchObject({ code: 'E_CRM_LOST' });
    await blocker.query('rollback');
    await blocker.close();
    expect(await checksum(database, kept)).toBe(before);
    expect(await publishRun(staging, 'r3', candidatesOf(moved))).toMatchObject({ rows: 1 });
  });

  it('finds out that a run is published when the answer to COMMIT is lost', async () => {
    const { database, staging: direct } = await setUp({ fresh });
    await direct.insertRun(runOf('r1'));
    const proxied = await throughProxy(database);
    const plan = { runId: 'r1', job: 'opportunities', targetTable: 'segment_tag', model: null } as const;
    await direct.savePlan({ ...plan, status: 'planned', candidates: candidatesOf(candidate('a'), candidate('b')) });
    const publishing = { runId: 'r1', job: 'opportunities', table: 'segment_tag', baseRunId: null } as const;
    const published = proxied.publish({ ...publishing, leavers: 'tombstone', changes: 'saved', publishedAt });
    expect(await published).toEqual({ firstSeq: 1, lastSeq: 2, rows: 2 });
    expect(await database.query('select count(*) as n from segment_change')).toEqual([
      { n: expect.toSatisfy((n) => Number(n) === 2) },
    ]);
  });
});

async function throughProxy(database: StagingDatabase): Promise<Staging> {
  const { config } = database.connection;
  if (config.client !== 'postgres' && config.client !== 'mysql') throw new Error('no server');
  const proxy = await losingCommit({ host: config.host, port: config.port });
  onTestFinished(() => proxy.close());
  const connection = { ...database.connection, config: { ...config, host: '127.0.0.1', port: proxy.port } };
  const staging = await openStaging(connection);
  onTestFinished(() => staging.close());
  return staging;
}

async function holdPublishLock(holder: Session, engine: string): Promise<void> {
  await holder.query(engine === 'SQLite' ? 'begin immediate' : 'begin');
  if (engine !== 'SQLite') await holder.query('select * from segtag_sequence for update');
}

/** Waits until a connection is waiting for the blocker's row, and kills it. */
async function killWriterOf(database: StagingDatabase): Promise<void> {
  const writer = await waitingFor(database, 'insert into segment_change');
  const isMysql = database.connection.config.client === 'mysql';
  await database.query(isMysql ? 'kill ?' : 'select pg_terminate_backend(?)', [writer]);
}
