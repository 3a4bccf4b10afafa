import Libsql from 'libsql';
import { describe, expect } from 'vitest';
import { idAt } from '../../src/frame/id.ts';
import type { TagSet } from '../../src/frame/tags.ts';
import type { Staging } from '../../src/staging/staging.ts';
import { printMatrixLine } from '../support/matrix.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';
import {
  candidate,
  candidatesOf,
  checksum,
  during,
  failureOf,
  leaver,
  manyEntering,
  opened,
  publishRun,
  runOf,
  setUp,
} from '../support/staging-fixtures.ts';

const job = 'opportunities';
const table = 'segment_tag';
const readAll = (staging: Staging): Promise<TagSet> => staging.readTags({ job, table, withScores: true });

describe.each(stagingEngines)('staging on $name', ({ name, it, fresh }) => {
  printMatrixLine('staging', name, () => versionOf(name, fresh));

  it('migrates once, and finds nothing to do the second time', async () => {
    const { staging } = await setUp({ fresh });
    expect(await staging.migrate([table])).toEqual({ applied: [] });
    expect(await staging.migrate([table, 'other_tag'])).toEqual({
      applied: ['0002_tag_table other_tag', '0006_control_group other_tag'],
    });
  });

  it('migrates once when many connections start at the same time', async () => {
    const { database } = await setUp({ fresh });
    const many = await Promise.all(Array.from({ length: 8 }, () => opened(database)));
    const outcomes = await Promise.all(many.map((staging) => staging.migrate([table, 'late_tag'])));
    expect(outcomes.flatMap(({ applied }) => applied)).toEqual([
      '0002_tag_table late_tag',
      '0006_control_group late_tag',
    ]);
  });

  it('refuses a tag table with the name of one of its own', async () => {
    const { staging } = await setUp({ fresh });
    expect(await failureOf(staging.migrate(['segtag_run']))).toMatchObject({ code: 'E_JOB_INVALID' });
  });

  it('reads the tags in parts, which together are what it reads as a whole', async () => {
    const { staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', manyEntering(10));
    const sizes = new Map<number, number[]>();
    for (const rowsOfPart of [3, 5, 100]) {
      const query = { job, table, withScores: true, rowsOfPart };
      const parts = await staging.readTagsInParts(query, () => {
        const taken: TagSet[] = [];
        return { take: (part) => void taken.push(part), finish: () => taken };
      });
      expect(parts.flatMap(rowsOf)).toEqual(rowsOf(await readAll(staging)));
      sizes.set(
        rowsOfPart,
        parts.map((part) => part.rowCount),
      );
    }
    expect(Object.fromEntries(sizes)).toEqual({ 3: [3, 3, 3, 1], 5: [5, 5], 100: [10] });
  });

  it('keeps one row per customer and one event per change through enter, move, update, leave and re-enter', async () => {
    const { database, staging } = await setUp({ fresh });
    const moved = { segment: 'win_back', segmentName: 'Win-back', campaign: 'win-back', previousSegment: 'renewal' };
    await publishRun(staging, 'r1', candidatesOf(candidate('a'), candidate('b')));
    await publishRun(
      staging,
      'r2',
      candidatesOf(
        candidate('a', { ...moved, kind: 'move', fromSegment: 'renewal', expectedChangeSeq: 1, scores: null }),
        candidate('b', { kind: 'update', fromSegment: 'renewal', expectedChangeSeq: 2, campaign: 'renewal 2' }),
      ),
    );
    await publishRun(staging, 'r3', candidatesOf(leaver('b', 4)));
    const last = await publishRun(
      staging,
      'r4',
      candidatesOf(candidate('b', { expectedChangeSeq: 5, previousSegment: 'renewal', segmentSince: '2026-03-04' })),
    );
    expect(last).toEqual({ firstSeq: 6, lastSeq: 6, rows: 1 });
    expect(await events(database)).toEqual([
      '1 a enter null→renewal r1',
      '2 b enter null→renewal r1',
      '3 a move renewal→win_back r2',
      '4 b update renewal→renewal r2',
      '5 b leave renewal→null r3',
      '6 b enter null→renewal r4',
    ]);
    expect(rowsOf(await readAll(staging))).toEqual([
      { id: 'a', segment: 'win_back', previous: 'renewal', since: 20513, state: 'active', seq: 3, scores: null },
      { id: 'b', segment: 'renewal', previous: 'renewal', since: 20516, state: 'active', seq: 6, scores: '{"r":1}' },
    ]);
  });

  it('leaves a tombstone whose segment, name and campaign are empty', async () => {
    const { database, staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', candidatesOf(candidate('a')));
    await publishRun(staging, 'r2', candidatesOf(leaver('a', 1)));
    const columns = 'segment, segment_name, campaign, previous_segment, state, run_id';
    expect(await database.query(`select ${columns} from ${table}`)).toEqual([
      { segment: null, segment_name: null, campaign: null, previous_segment: 'renewal', state: 'left', run_id: 'r2' },
    ]);
  });

  it('removes the rows of leavers under the policy delete, but tells the feed', async () => {
    const { database, staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', candidatesOf(candidate('a'), candidate('b')));
    const changes = candidatesOf(leaver('a', 1), candidate('b', { kind: 'update', expectedChangeSeq: 2 }));
    await publishRun(staging, 'r2', changes, { leavers: 'delete' });
    await publishRun(staging, 'r3', candidatesOf(candidate('a')), { leavers: 'delete' });
    expect(rowsOf(await readAll(staging)).map(({ id, seq }) => `${id} ${seq}`)).toEqual(['a 5', 'b 4']);
    expect((await events(database)).slice(2)).toEqual([
      '3 a leave renewal→null r2',
      '4 b update null→renewal r2',
      '5 a enter null→renewal r3',
    ]);
  });

  it('gives out change numbers in commit order and without gaps while two jobs publish at the same time', async () => {
    const { database, staging } = await setUp({ fresh });
    const second = await opened(database);
    const reader = await database.session();
    const publishing = Promise.all([
      publishNights(staging, 'first', [3, 40, 1, 700, 2]),
      publishNights(second, 'second', [500, 1, 30, 2, 9]),
    ]);
    const gaps: unknown[] = [];
    await during(publishing, async () => {
      const [seen] = await reader.query('select count(*) as rows_seen, max(change_seq) as last from segment_change');
      if (Number(seen?.rows_seen) !== Number(seen?.last ?? 0)) gaps.push(seen);
    });
    await reader.close();
    expect(gaps).toEqual([]);
    expect(await database.query('select max(change_seq) as last from segment_change')).toEqual([
      { last: expect.toSatisfy((last) => Number(last) === 1288) },
    ]);
  });

  it('writes no tag, no change and no number when there are no candidates', async () => {
    const { database, staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', candidatesOf(candidate('a')));
    const before = await checksum(database, ['segtag_sequence']);
    const changes = { candidates: candidatesOf(), model: null };
    expect(await publishRun(staging, 'r2', candidatesOf(), { changes })).toEqual({ firstSeq: 2, lastSeq: 1, rows: 0 });
    expect(await checksum(database, ['segtag_sequence'])).toBe(before);
    expect(await database.query("select value from segtag_sequence where name = 'change_seq'")).toEqual([
      { value: expect.toSatisfy((value) => Number(value) === 1) },
    ]);
  });

  it('refuses a plan whose base is no longer the published run, and leaves the tables byte for byte', async () => {
    const { database, staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', candidatesOf(candidate('a')));
    await publishRun(staging, 'r2', candidatesOf(candidate('b')));
    const before = await checksum(database);
    for (const baseRunId of ['r1', null]) {
      const stale = publishRun(staging, `late-${baseRunId}`, candidatesOf(candidate('c')), { baseRunId });
      expect(await failureOf(stale)).toMatchObject({ code: 'E_STALE_PLAN', message: expect.stringContaining('r2') });
    }
    expect(await checksum(database)).toBe(before);
  });

  it.for([
    ['changed', candidate('a', { kind: 'move', expectedChangeSeq: 99 })],
    ['gone', candidate('gone', { kind: 'move', expectedChangeSeq: 2 })],
    ['there already', candidate('a')],
  ] as const)('refuses a plan for a row that is %s, names it, and leaves the tables byte for byte', async ([, row]) => {
    const { database, staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', candidatesOf(candidate('a'), candidate('b')));
    const before = await checksum(database);
    const stale = publishRun(staging, 'r2', candidatesOf(row, candidate('new')));
    expect(await failureOf(stale)).toMatchObject({
      code: 'E_STALE_PLAN',
      message: expect.stringContaining(JSON.stringify(row.customerId)),
    });
    expect(await checksum(database)).toBe(before);
  });

  it('never touches rows of other jobs and writers, also when they come during the publish', async () => {
    const { database, staging } = await setUp({ fresh });
    const second = await opened(database);
    await publishRun(second, 'o1', candidatesOf(candidate('a'), candidate('b')), { job: 'other' });
    const foreign = `select * from ${table} where job <> 'opportunities' order by job, customer_id`;
    const before = await database.query(foreign);
    await Promise.all([publishRun(staging, 'r1', manyEntering(2000)), insertForeignRow(database)]);
    await publishRun(staging, 'r2', candidatesOf(leaver('c0000000', 3)), { leavers: 'delete' });
    const after = await database.query(foreign);
    expect(after.filter((row) => row.job === 'other')).toEqual(before);
    expect(after.filter((row) => row.job === 'crm')).toHaveLength(1);
  });

  it('keeps ids apart that differ by case, accent, trailing blank or normal form, in bytewise order', async () => {
    const { staging } = await setUp({ fresh });
    const ids = ['a', 'A', 'a ', ' a', 'a\t', 'á', 'a\u0301', 'ä', 'ß', 'ss', "O'Brien", 'ﬁ', 'fi', '😀', '😁', '￿'];
    ids.push('\\', '\\N', '\\.', '"', '`', '%', '_', '?', ':x', '$1', 'line\nbreak\r', '0', '00', '1e3', '-- x', '');
    const sorted = [...ids].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
    await publishRun(
      staging,
      'r1',
      candidatesOf(...sorted.map((id) => candidate(id, { scores: JSON.stringify({ id }) }))),
    );
    const seqOf = new Map(sorted.map((id, index) => [id, index + 1]));
    const move = { kind: 'move', segment: 'moved', expectedChangeSeq: seqOf.get('a ')! } as const;
    await publishRun(staging, 'r2', candidatesOf(candidate('a ', move)));
    const rows = rowsOf(await readAll(staging));
    expect(rows.map(({ id }) => id)).toEqual(sorted);
    expect(rows.filter(({ segment }) => segment === 'moved').map(({ id }) => id)).toEqual(['a ']);
    expect(rows.filter(({ id }) => id !== 'a ').every(({ id, scores }) => scores === JSON.stringify({ id }))).toBe(
      true,
    );
    const scores = await staging.readScores({ job, table, ids: ['a', 'A', 'nobody'] });
    expect([...scores].sort()).toEqual([
      ['A', '{"id":"A"}'],
      ['a', '{"id":"a"}'],
    ]);
  });

  it('keeps a plan until it is published, and then publishes exactly that', async () => {
    const { database, staging } = await setUp({ fresh });
    await publishRun(staging, 'r1', candidatesOf(candidate('a')));
    await staging.insertRun(runOf('held', { baseRunId: 'r1' }));
    const candidates = candidatesOf(candidate('b'), candidate('c'));
    const plan = { runId: 'held', job, targetTable: table, candidates, model: { version: 1, k: 4 } };
    await staging.savePlan({ ...plan, status: 'held', patch: { counts: { entered: 2 } } });
    expect(await staging.findRun('held')).toMatchObject({ status: 'held', counts: { entered: 2 } });
    expect(await staging.publishedBase(job)).toMatchObject({ runId: 'r1' });
    const publishing = { runId: 'held', job, table, baseRunId: 'r1', leavers: 'tombstone', changes: 'saved' } as const;
    const publishedAt = '2026-03-02T08:00:00.000Z';
    expect(await staging.publish({ ...publishing, publishedAt })).toEqual({ firstSeq: 2, lastSeq: 3, rows: 2 });
    expect(await staging.findRun('held')).toMatchObject({ status: 'published', publishedAt });
    expect(await staging.publishedBase(job)).toEqual({
      targetTable: table,
      runId: 'held',
      asOf: '2026-03-01',
      model: { version: 1, k: 4 },
    });
    expect(await database.query('select customer_id from segtag_candidate order by run_id desc, position')).toEqual(
      ['a', 'b', 'c'].map((id) => ({ customer_id: id })),
    );
    expect(await failureOf(staging.publish({ ...publishing, publishedAt }))).toMatchObject({ code: 'E_STALE_PLAN' });
  });

  it('drops the candidates of a plan that is rejected, and refuses to publish it', async () => {
    const { database, staging } = await setUp({ fresh });
    await staging.insertRun(runOf('plan'));
    const plan = { runId: 'plan', job, targetTable: table, candidates: candidatesOf(candidate('a')), model: null };
    await staging.savePlan({ ...plan, status: 'planned' });
    expect(await staging.updateRun('plan', { status: 'rejected' })).toBe(true);
    expect(await database.query('select * from segtag_candidate')).toEqual([]);
    const publishing = { runId: 'plan', job, table, baseRunId: null, leavers: 'tombstone', changes: 'saved' } as const;
    const refused = staging.publish({ ...publishing, publishedAt: '2026-03-02T08:00:00.000Z' });
    expect(await failureOf(refused)).toMatchObject({
      code: 'E_STALE_PLAN',
      message: expect.stringContaining('rejected'),
    });
  });
});

async function publishNights(staging: Staging, name: string, sizes: readonly number[]): Promise<void> {
  for (const [night, size] of sizes.entries()) {
    const entering = { count: size, at: (i: number) => candidate(`n${night}-${String(i).padStart(5, '0')}`) };
    await publishRun(staging, `${name}-${night}`, entering, { job: name });
  }
}

/** SQLite has one writer at a time: there this one tries until it is its turn. */
async function insertForeignRow(database: StagingDatabase): Promise<void> {
  const session = await database.session();
  const insert = `insert into ${table} (job, customer_id, segment_since, state, run_id, change_seq)
    values ('crm', 'a', '2026-01-01', 'active', 'by hand', 0)`;
  for (let attempt = 0; attempt < 1000; attempt++) {
    const done = await session.query(insert).then(
      () => true,
      () => false,
    );
    if (done) return session.close();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('the foreign row could not be written');
}

async function events(database: StagingDatabase): Promise<string[]> {
  const rows = await database.query('select * from segment_change order by change_seq');
  return rows.map(
    (row) => `${row.change_seq} ${row.customer_id} ${row.kind} ${row.from_segment}→${row.to_segment} ${row.run_id}`,
  );
}

function textAt(column: TagSet['segment'], row: number): string | null {
  return column.dictionary[column.codes[row]!] ?? null;
}

function rowsOf(tags: TagSet) {
  return Array.from({ length: tags.rowCount }, (_, row) => ({
    id: idAt(tags.customerId, row),
    segment: textAt(tags.segment, row),
    previous: textAt(tags.previousSegment, row),
    since: tags.segmentSince.values[row],
    state: textAt(tags.state, row),
    seq: tags.changeSeq[row],
    scores: tags.scores ? textAt(tags.scores, row) : null,
  }));
}

async function versionOf(name: string, fresh: () => Promise<StagingDatabase>): Promise<string> {
  if (name === 'SQLite') {
    const memory = new Libsql(':memory:');
    return (memory.prepare('select sqlite_version() as version').get([]) as { version: string }).version;
  }
  const database = await fresh();
  const [row] = await database.query('select version() as version');
  await database.drop();
  return String(row!.version).split(' (')[0]!;
}
