import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { SegtagError } from '../../src/errors.ts';
import type { ResolvedConnection } from '../../src/job/connections-schema.ts';
import type { Candidate, Candidates } from '../../src/frame/tags.ts';
import type { PublishOptions } from '../../src/staging/publish/publish-options.ts';
import type { RunRecord } from '../../src/staging/runs/run-record.ts';
import { openStaging, type Staging } from '../../src/staging/staging.ts';
import type { StagingDatabase, StagingEngine } from './staging-databases.ts';

export const instant = '2026-03-01T02:00:00.123Z';

/** A run that has just begun. */
export function runOf(runId: string, fields: Partial<RunRecord> = {}): RunRecord {
  return {
    runId,
    job: 'opportunities',
    targetTable: 'segment_tag',
    status: 'running',
    trigger: 'manual',
    slot: null,
    asOf: '2026-03-01',
    baseRunId: null,
    restores: null,
    jobHash: null,
    sqlHash: null,
    dataHash: null,
    counts: {},
    timings: {},
    summary: null,
    errorCode: null,
    errorMessage: null,
    startedAt: instant,
    finishedAt: null,
    publishedAt: null,
    ...fields,
  };
}

/** A customer who enters the segment `renewal`, but for the given fields. */
export function candidate(customerId: string, fields: Partial<Candidate> = {}): Candidate {
  return {
    customerId,
    kind: 'enter',
    expectedChangeSeq: null,
    fromSegment: null,
    segment: 'renewal',
    segmentName: 'Renewal',
    campaign: 'renewal',
    previousSegment: null,
    segmentSince: '2026-03-01',
    scores: '{"r":1}',
    state: 'active',
    ...fields,
  };
}

/** The customer's row as a tombstone. */
export function leaver(customerId: string, expectedChangeSeq: number, fromSegment = 'renewal'): Candidate {
  const cleared = { segment: null, segmentName: null, campaign: null, scores: null, state: 'left' } as const;
  return candidate(customerId, {
    kind: 'leave',
    expectedChangeSeq,
    fromSegment,
    previousSegment: fromSegment,
    ...cleared,
  });
}

export function candidatesOf(...list: readonly Candidate[]): Candidates {
  return { count: list.length, at: (index) => list[index]! };
}

/** `count` customers who enter, made one at a time; of another segment per run where `segment` says so. */
export function manyEntering(count: number, fields: Partial<Candidate> = {}): Candidates {
  return { count, at: (index) => candidate(`c${String(index).padStart(7, '0')}`, fields) };
}

/** Publishes as one run, which is inserted first. */
export async function publishRun(
  staging: Staging,
  runId: string,
  candidates: Candidates,
  options: Partial<PublishOptions> = {},
): ReturnType<Staging['publish']> {
  const job = options.job ?? 'opportunities';
  const table = options.table ?? 'segment_tag';
  await staging.insertRun(runOf(runId, { job, targetTable: table }));
  const baseRunId =
    options.baseRunId === undefined ? ((await staging.publishedBase(job))?.runId ?? null) : options.baseRunId;
  return staging.publish({
    runId,
    job,
    table,
    leavers: 'tombstone',
    changes: { candidates, model: { version: 1, runId } },
    publishedAt: instant,
    ...options,
    baseRunId,
  });
}

async function openMigrated(connection: ResolvedConnection, lockWaitMs = 10_000): Promise<Staging> {
  const staging = await openStaging(connection, { lockWaitMs });
  await staging.migrate(['segment_tag']);
  return staging;
}

const tables: readonly (readonly [string, string])[] = [
  ['segment_tag', 'job, customer_id'],
  ['segment_change', 'change_seq'],
  ['segtag_candidate', 'run_id, position'],
  ['product_recommendation', '1, 2, 3, 4'],
  ['segtag_recommendation', '1, 2, 3, 4'],
  ['segtag_model', 'run_id'],
  ['segtag_sequence', 'name'],
];

/** One hash over every row of the tables that a publish writes, but for the runs themselves. */
export async function checksum({ query }: StagingDatabase, except: readonly string[] = []): Promise<string> {
  const hash = createHash('sha256');
  for (const [name, order] of tables)
    if (!except.includes(name)) hash.update(JSON.stringify(await query(`select * from ${name} order by ${order}`)));
  return hash.digest('hex');
}

/** Calls `look` again and again until `work` has ended, and passes on how it ended. */
export async function during<T>(work: Promise<T>, look: () => Promise<void>): Promise<T> {
  const ended = work.then(
    () => true,
    () => true,
  );
  do await look();
  while (!(await Promise.race([ended, setImmediate(false)])));
  return work;
}

/** A fresh database with an open, migrated staging; both are gone when the test ends. */
export async function setUp(
  { fresh }: Pick<StagingEngine, 'fresh'>,
  lockWaitMs?: number,
): Promise<{ database: StagingDatabase; staging: Staging }> {
  const database = await fresh();
  onTestFinished(() => database.drop());
  return { database, staging: await opened(database, lockWaitMs) };
}

/** One more connection to a database, closed when the test ends. */
export async function opened({ connection }: StagingDatabase, lockWaitMs?: number): Promise<Staging> {
  const staging = await openMigrated(connection, lockWaitMs);
  onTestFinished(() => staging.close());
  return staging;
}

/** The code, message and remedy that a promise rejects with. */
export async function failureOf(work: Promise<unknown>): Promise<{ code: string; message: string; remedy: string }> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof SegtagError) return { code: outcome.code, message: outcome.message, remedy: outcome.remedy };
  throw outcome ?? new Error('nothing failed');
}
