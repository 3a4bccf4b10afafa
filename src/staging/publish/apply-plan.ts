import type { Knex } from 'knex';
import { SegtagError } from '../../errors.ts';
import type { ListChanges } from '../../frame/recommendations.ts';
import type { Store } from '../engines/engine.ts';
import { recordDecision } from '../runs/decisions.ts';
import { touchedRows } from '../tags/drift.ts';
import { requireLease } from '../runs/lease.ts';
import { requireOpen } from './plan-store.ts';
import type { Published, PublishOptions } from './publish-options.ts';
import { applyListChanges, dropListChanges, writeListChanges } from './recommendations.ts';
import { runValues } from '../runs/run-record.ts';
import { lockedRun, patchRun } from '../runs/run-store.ts';
import { checksumAfter, keepChecksum } from '../tags/tag-checksum.ts';
import { stateColumns } from '../tags/tag-columns.ts';

const contents = [...stateColumns.map(([column]) => column), 'run_id'];

type Plan = Omit<PublishOptions, 'changes'>;

/** As many candidates are found one by one faster than by reading the whole table, where that has more rows than this. */
const mostByIndex = 20_000;

/**
 * Everything that a publish writes, inside the caller's transaction and under the publish lock. Candidates stay as what
 * was written. Changed lists are those that the run keeps, unless they are given.
 */
export async function applyPlan(
  store: Store,
  trx: Knex.Transaction,
  plan: Plan,
  lists?: ListChanges,
): Promise<Published> {
  const base = await lockSequence(store, trx);
  if (plan.lease) await requireLease(store, trx, plan.lease);
  const { status, restores } = await lockedRun(store, trx, plan.runId);
  requireOpen(store, plan.runId, status);
  await requireBase(store, trx, plan);
  const kinds = await countCandidates(store, trx, plan.runId);
  const { rows } = kinds;
  const { beforeJoins, beforeLookups } = store.engine;
  // A repair brings back what the published run wrote, over whatever stands there.
  const repairs = restores !== null && restores === plan.baseRunId;
  if (rows > 0) {
    const byIndex =
      beforeLookups !== undefined && rows <= mostByIndex && (await hasMoreRows(store, trx, plan, mostByIndex));
    await prepare(store, trx, byIndex ? beforeLookups : beforeJoins);
    if (kinds.known > 0 || (await hasMoreRows(store, trx, plan, 0))) await requireExpectedRows(store, trx, plan);
    if (kinds.known > 0 && !repairs) await requireUntouchedRows(store, trx, plan);
  }
  const checksum = repairs ? null : await checksumAfter(store, trx, plan, { base, ...kinds });
  if (rows > 0) {
    await writeTags(store, trx, plan, { base, ...kinds });
    await appendChanges(store, trx, plan, base);
    await setSequence(store, trx, 'change_seq', base + rows);
  }
  await prepare(store, trx, beforeJoins);
  if (lists) await writeListChanges(store, trx, { ...plan, lists });
  else await applyListChanges(store, trx, plan);
  await dropListChanges(store, trx, plan.runId);
  const published = { firstSeq: base + 1, lastSeq: base + rows, rows };
  if (restores !== null) await markRolledBack(store, trx, { job: plan.job, after: restores });
  await markPublished(store, trx, plan, published);
  if (checksum) await keepChecksum(store, trx, { runId: plan.runId, checksum });
  if (plan.decision) await recordDecision(store, trx, plan.decision);
  return published;
}

async function prepare({ engine }: Store, trx: Knex.Transaction, settings: string | undefined): Promise<void> {
  if (settings !== undefined) await engine.run(trx, settings, []);
}

/** Takes the publish lock, which one publish per database holds, and tells the last sequence number given out. */
export async function lockSequence(store: Store, trx: Knex.Transaction): Promise<number> {
  return sequenceValue(store, trx, 'change_seq');
}

async function sequenceValue({ engine }: Store, trx: Knex.Transaction, name: string): Promise<number> {
  const sql = `select value from segtag_sequence where name = ?${engine.forUpdate}`;
  const { rows } = await engine.run(trx, sql, [name]);
  if (rows[0]) return Number(rows[0].value);
  throw new SegtagError('E_NOT_MIGRATED', {
    where: engine.place,
    what: `segtag_sequence has no row "${name}".`,
    remedy: 'Restore the staging database: the sequence can only be known from a backup or from segment_change.',
  });
}

async function setSequence({ engine }: Store, trx: Knex.Transaction, name: string, value: number): Promise<void> {
  await engine.run(trx, 'update segtag_sequence set value = ? where name = ?', [value, name]);
}

async function requireBase({ engine }: Store, trx: Knex.Transaction, plan: Plan): Promise<void> {
  const { rows } = await engine.run(
    trx,
    `select run_id from segtag_run where job = ? and status = 'published' order by publish_seq desc limit 1`,
    [plan.job],
  );
  const newest = rows[0] ? String(rows[0].run_id) : null;
  if (newest === plan.baseRunId) return;
  throw new SegtagError('E_STALE_PLAN', {
    where: engine.place,
    what: `The run ${plan.runId} was computed against ${plan.baseRunId ?? 'an empty table'}, but ${newest ?? 'nothing'} is published now.`,
    remedy: 'Run the job again to compute a new plan.',
  });
}

/** Candidates in all, those that have a row already, and those of them that leave. */
type CandidateCounts = { readonly rows: number; readonly known: number; readonly leaving: number };

async function countCandidates({ engine }: Store, trx: Knex.Transaction, runId: string): Promise<CandidateCounts> {
  const { rows: counted } = await engine.run(
    trx,
    `select count(*) as count, max(position) as last, count(expected_change_seq) as known,
       sum(case when kind = 'leave' then 1 else 0 end) as leaving
     from segtag_candidate where run_id = ?`,
    [runId],
  );
  const [rows, last] = [Number(counted[0]?.count), Number(counted[0]?.last ?? 0)];
  if (rows !== last) throw new Error(`the candidates of ${runId} have gaps: ${rows} rows up to position ${last}`);
  return { rows, known: Number(counted[0]?.known), leaving: Number(counted[0]?.leaving) };
}

/** Whether the job has more rows than a number; at a first publish it has none, and nothing is in the way of candidates. */
async function hasMoreRows(
  { engine }: Store,
  trx: Knex.Transaction,
  { job, table }: Plan,
  than: number,
): Promise<boolean> {
  const sql = 'select 1 as one from ?? where job = ? limit 1 offset ?';
  const { rows } = await engine.run(trx, sql, [table, job, than]);
  return rows.length > 0;
}

const mostIdsNamed = 10;

async function requireExpectedRows({ engine }: Store, trx: Knex.Transaction, plan: Plan): Promise<void> {
  const { ours } = await engine.bytewise(trx);
  const { rows } = await engine.run(
    trx,
    `select c.customer_id from segtag_candidate c left join ?? t on t.job = ? and t.customer_id = ${ours('c.customer_id')}
     where c.run_id = ? and (
       (c.expected_change_seq is null and t.customer_id is not null)
       or (c.expected_change_seq is not null and (t.customer_id is null or t.change_seq <> c.expected_change_seq)))
     order by c.position limit ${mostIdsNamed}`,
    [plan.table, plan.job, plan.runId],
  );
  if (rows.length > 0)
    throw staleRows(
      plan,
      rows.map((row) => String(row.customer_id)),
    );
}

/** The sequence number alone doesn't tell that somebody has written to a row. */
async function requireUntouchedRows(store: Store, trx: Knex.Transaction, plan: Plan): Promise<void> {
  const touched = await touchedRows(store, trx, { job: plan.job, table: plan.table, candidatesOf: plan.runId });
  if (touched.length === 0) return;
  throw staleRows(
    plan,
    touched.slice(0, mostIdsNamed).map(({ customerId }) => customerId),
  );
}

function staleRows({ runId, table }: Plan, ids: readonly string[]): SegtagError {
  const named = ids.length > 0 ? ` Customers (at most ten): ${ids.map((id) => JSON.stringify(id)).join(', ')}.` : '';
  return new SegtagError('E_STALE_PLAN', {
    where: table,
    what: `Rows have changed since ${runId} was computed.${named} Nothing was published.`,
    remedy: 'Run the job again to compute a new plan.',
  });
}

async function writeTags(
  { engine }: Store,
  trx: Knex.Transaction,
  plan: Plan,
  { base, known, leaving }: CandidateCounts & { readonly base: number },
): Promise<void> {
  const { runId, job, table } = plan;
  const qualifier = engine.dialect === 'mysql' ? 't.' : '';
  const setClause = contents.map((column) => `${qualifier}${column} = c.${column}`).join(', ');
  const { ours } = await engine.bytewise(trx);
  const statements = engine.joinStatements(
    `${setClause}, ${qualifier}change_seq = ? + c.position`,
    ours('c.customer_id'),
  );
  const removed = plan.leavers === 'delete' && leaving > 0;
  if (removed) {
    const { affected } = await engine.run(trx, statements.remove, [table, runId, job]);
    if (affected !== leaving) throw staleRows(plan, []);
  }
  const updates = removed ? known - leaving : known;
  if (updates > 0) {
    const { affected } = await engine.run(trx, statements.update, [table, base, runId, job]);
    if (affected !== updates) throw staleRows(plan, []);
  }
  await engine.run(
    trx,
    `insert into ?? (job, customer_id, ${contents.join(', ')}, change_seq)
     select ?, c.customer_id, ${contents.map((column) => `c.${column}`).join(', ')}, ? + c.position
     from segtag_candidate c where c.run_id = ? and c.expected_change_seq is null`,
    [table, job, base, runId],
  );
}

async function appendChanges({ engine }: Store, trx: Knex.Transaction, plan: Plan, base: number): Promise<void> {
  await engine.run(
    trx,
    `insert into segment_change (change_seq, job, customer_id, kind, from_segment, to_segment, run_id, changed_at)
     select ? + c.position, ?, c.customer_id, c.kind, c.from_segment, c.segment, c.run_id, ?
     from segtag_candidate c where c.run_id = ? order by c.position`,
    [base, plan.job, engine.timestamp(plan.publishedAt), plan.runId],
  );
}

/** The published runs after the one whose tags are brought back no longer stand for anything. */
async function markRolledBack(
  { engine }: Store,
  trx: Knex.Transaction,
  { job, after }: { readonly job: string; readonly after: string },
): Promise<void> {
  const { rows } = await engine.run(trx, 'select publish_seq from segtag_run where run_id = ?', [after]);
  await engine.run(
    trx,
    "update segtag_run set status = 'rolled_back' where job = ? and status = 'published' and publish_seq > ?",
    [job, Number(rows[0]?.publish_seq)],
  );
}

async function markPublished(
  store: Store,
  trx: Knex.Transaction,
  plan: Plan,
  { firstSeq, lastSeq }: Published,
): Promise<void> {
  const publishSeq = (await sequenceValue(store, trx, 'publish_seq')) + 1;
  await setSequence(store, trx, 'publish_seq', publishSeq);
  const record = { ...plan.patch, status: 'published', publishedAt: plan.publishedAt } as const;
  await patchRun(store, trx, plan.runId, [
    ...runValues(store.engine, record),
    ['publish_seq', publishSeq],
    ['first_seq', firstSeq],
    ['last_seq', lastSeq],
  ]);
}
