import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ListChange, ListChanges } from '../../../src/frame/recommendations.ts';
import type { PublishOptions } from '../../../src/staging/publish/publish-options.ts';
import { openStaging, type Staging } from '../../../src/staging/staging.ts';
import { stagingEngines, type StagingDatabase } from '../../support/staging-databases.ts';
import {
  candidate,
  candidatesOf,
  checksum,
  failureOf,
  instant,
  publishRun,
  runOf,
  setUp,
} from '../../support/staging-fixtures.ts';

const job = 'opportunities';

function listsOf(...changes: readonly ListChange[]): ListChanges {
  return { count: changes.length, each: () => changes };
}

function offer(subjectId: string, ...products: readonly string[]): ListChange {
  const items = products.map((productId, i) => ({ productId, score: 10.123456 / (i + 1), reason: `for ${productId}` }));
  return { subjectKind: 'customer', subjectId, items };
}

const toSegment = (segment: string, ...products: readonly string[]): ListChange => ({
  ...offer(segment, ...products),
  subjectKind: 'segment',
});

function publishLists(staging: Staging, runId: string, lists: ListChanges, options: Partial<PublishOptions> = {}) {
  const changes = { candidates: candidatesOf(), lists, model: null };
  return publishRun(staging, runId, candidatesOf(), { changes, ...options });
}

/** `job kind subject rank product run`, in the order of the key. */
async function published(database: StagingDatabase): Promise<string[]> {
  const rows = await database.query('select * from product_recommendation order by 1, 2, 3, 4');
  return rows.map((row) =>
    ['job', 'subject_kind', 'subject_id', 'rank', 'product_id', 'run_id'].map((name) => row[name]).join(' '),
  );
}

describe.each(stagingEngines)('recommendations on $name', ({ it, fresh }) => {
  it('replace the lists that changed and leave all others as they are, those of other jobs too', async () => {
    const { database, staging } = await setUp({ fresh });
    const first = [
      offer('a', 'tea', 'cup', 'bag'),
      offer('b', 'tea'),
      offer('c', 'cup'),
      toSegment('loyal', 'tea', 'x'),
    ];
    await publishLists(staging, 'r1', listsOf(...first));
    await publishLists(staging, 'other1', listsOf(offer('a', 'wine')), { job: 'other' });
    await publishLists(
      staging,
      'r2',
      listsOf(offer('a', 'cup'), offer('c'), offer('é', "5 o'clock\ttea\\"), toSegment('loyal', 'x')),
    );
    expect(await published(database)).toEqual([
      `${job} customer a 1 cup r2`,
      `${job} customer b 1 tea r1`,
      `${job} customer é 1 5 o'clock\ttea\\ r2`,
      `${job} segment loyal 1 x r2`,
      'other customer a 1 wine other1',
    ]);
    expect(await database.query('select * from segtag_recommendation')).toEqual([]);
  });

  it('are read back as they were written, by bytes of the subject and by rank', async () => {
    const { staging } = await setUp({ fresh });
    const ids = ['10', '9', 'B', 'a', 'a ', 'é'];
    await publishLists(staging, 'r1', listsOf(...ids.map((id) => offer(id, 'tea', 'cup')), toSegment('loyal', 'tea')));
    const found = await staging.readLists({ job, kind: 'customer' });
    const decoder = new TextDecoder();
    const subjects = Array.from({ length: 12 }, (_, row) =>
      decoder.decode(found.subjectId.bytes.subarray(found.subjectId.offsets[row], found.subjectId.offsets[row + 1])),
    );
    expect(subjects).toEqual(ids.flatMap((id) => [id, id]));
    expect(Array.from(found.productId.codes, (code) => found.productId.dictionary[code])).toEqual(
      ids.flatMap(() => ['tea', 'cup']),
    );
    expect([...found.score.values.subarray(0, 2)]).toEqual([10.123456, 5.061728]);
    expect((await staging.readLists({ job, kind: 'segment' })).score.values).toHaveLength(1);
    expect((await staging.readLists({ job: 'nobody', kind: 'segment' })).score.values).toHaveLength(0);
  });

  it('are written together with the tags or not at all', async () => {
    const { database, staging } = await setUp({ fresh });
    await publishLists(staging, 'r1', listsOf(offer('a', 'tea')));
    const before = await checksum(database);
    const lists = listsOf(offer('a', 'cup'));
    const stale = candidatesOf(candidate('a', { kind: 'move', expectedChangeSeq: 99 }));
    const refused = publishRun(staging, 'r2', stale, { changes: { candidates: stale, lists, model: null } });
    expect(await failureOf(refused)).toMatchObject({ code: 'E_STALE_PLAN' });
    expect(await checksum(database)).toBe(before);
    const tooLong = listsOf(offer('a', 'x'.repeat(256)));
    const candidates = candidatesOf(candidate('b'));
    const long = publishRun(staging, 'r3', candidates, { changes: { candidates, lists: tooLong, model: null } });
    expect(await failureOf(long)).toMatchObject({ code: 'E_CRM_REFUSED_ROWS' });
    expect(await checksum(database)).toBe(before);
  });

  it('are published by an approved plan exactly as planned, and forgotten with a rejected one', async () => {
    const { database, staging } = await setUp({ fresh });
    await publishLists(staging, 'r1', listsOf(offer('a', 'tea'), offer('b', 'tea')));
    const plan = { job, targetTable: 'segment_tag', candidates: candidatesOf(), model: null } as const;
    for (const [runId, product] of [
      ['p1', 'cup'],
      ['p2', 'bag'],
    ] as const) {
      await staging.insertRun(runOf(runId, { baseRunId: 'r1' }));
      await staging.savePlan({ ...plan, runId, status: 'planned', lists: listsOf(offer('a', product), offer('b')) });
    }
    const before = await published(database);
    await staging.updateRun('p1', { status: 'rejected' });
    expect(await database.query('select distinct run_id from segtag_recommendation')).toEqual([{ run_id: 'p2' }]);
    expect(await published(database)).toEqual(before);
    await staging.publish({
      runId: 'p2',
      job,
      table: 'segment_tag',
      baseRunId: 'r1',
      leavers: 'tombstone',
      changes: 'saved',
      publishedAt: instant,
    });
    expect(await published(database)).toEqual([`${job} customer a 1 bag p2`]);
  });

  it('need no more than the least grants', async () => {
    const { database } = await setUp({ fresh });
    const tables = [
      'segment_tag',
      'segment_change',
      'segtag_run',
      'segtag_model',
      'segtag_candidate',
      'segtag_sequence',
    ];
    const ours = [
      'segtag_decision',
      'segtag_floor',
      'segtag_migration',
      'product_recommendation',
      'segtag_recommendation',
    ];
    const connection = await database.withLeastGrants([...tables, ...ours]);
    const staging = await openStaging(connection);
    onTestFinished(() => staging.close());
    await publishLists(staging, 'r1', listsOf(offer('a', 'tea')));
    await publishLists(staging, 'r2', listsOf(offer('a')));
    expect(await published(database)).toEqual([]);
  });
});

describe('lists on SQLite, which are written without being kept first,', () => {
  it('are kept, with all else, when a publish fails for a passing reason', async () => {
    const lockWaitMs = 4000;
    const { database, staging } = await setUp(stagingEngines[0]!, lockWaitMs);
    await staging.insertRun(runOf('r1'));
    const writer = await database.session();
    await writer.query('begin immediate');
    const candidates = candidatesOf(candidate('a'));
    const lists = listsOf(offer('a', 'tea', 'cup'));
    const plan = { runId: 'r1', job, table: 'segment_tag', baseRunId: null, leavers: 'tombstone' } as const;
    const publishing = failureOf(
      staging.publish({ ...plan, changes: { candidates, lists, model: null }, publishedAt: instant }),
    );
    // Between the end of the wait to publish, and that of the wait to keep.
    await sleep(1.5 * lockWaitMs);
    await writer.query('commit');
    await writer.close();
    expect((await publishing).code).toBe('E_CRM_LOST');
    expect(await published(database)).toEqual([]);
    await staging.publish({ ...plan, changes: 'saved', publishedAt: instant });
    expect(await published(database)).toEqual([`${job} customer a 1 tea r1`, `${job} customer a 2 cup r1`]);
    expect(await database.query('select customer_id from segment_tag')).toEqual([{ customer_id: 'a' }]);
  });
});
