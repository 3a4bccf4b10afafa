import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { SegtagError } from '../../errors.ts';
import { applyPlan, lockSequence } from './apply-plan.ts';
import { dropPlan } from './candidates.ts';
import type { Store } from '../engines/engine.ts';
import { keepingLease } from '../runs/lease.ts';
import type { Changes, Published, PublishOptions } from './publish-options.ts';
import { keepChanges, requireOpen } from './plan-store.ts';
import { isPassing, runValues } from '../runs/run-record.ts';
import { lockedStatus, patchRun } from '../runs/run-store.ts';

/**
 * Applies a run's candidates: readers see all of them or none. Throws E_STALE_PLAN when the
 * base or a row has moved since, E_CRM_REFUSED_ROWS when a row can't be written. After any
 * failure the tags are as before. Candidates that were loaded here are gone, unless the failure
 * is a passing one: then they and the model stay, and `saved` publishes them later.
 */
export async function publish(store: Store, options: PublishOptions): Promise<Published> {
  const { changes } = options;
  if (changes === 'saved') return inOneTransaction(store, options, (trx) => applyPlan(store, trx, options));
  return store.engine.writesAlone ? publishAtOnce(store, options, changes) : publishLoaded(store, options, changes);
}

/** Candidates are loaded first, so that the locks of a publish are held for less time. */
async function publishLoaded(store: Store, options: PublishOptions, changes: Changes): Promise<Published> {
  try {
    await keepForLater(store, options, changes);
    return await inOneTransaction(store, options, (trx) => applyPlan(store, trx, options));
  } catch (error) {
    // The failure is what counts; a run that ends as failed drops its candidates again.
    if (!isPassing(codeOf(store, error)))
      await store.knex.transaction((trx) => dropPlan(store, trx, options.runId)).catch(() => {});
    throw error;
  }
}

/** Where one writer keeps all others out anyway, lists aren't kept first to be read back; after a passing failure they are. */
async function publishAtOnce(store: Store, options: PublishOptions, changes: Changes): Promise<Published> {
  const { lists, ...others } = changes;
  try {
    return await inOneTransaction(store, options, async (trx) => {
      await keep(store, trx, options, others);
      return applyPlan(store, trx, options, lists);
    });
  } catch (error) {
    if (isPassing(codeOf(store, error))) await keepForLater(store, options, changes).catch(() => {});
    throw error;
  }
}

/** Keeps what is to be published, all or nothing. */
async function keepForLater(store: Store, options: PublishOptions, changes: Changes): Promise<void> {
  await store.knex.transaction(async (trx) => {
    await keep(store, trx, options, changes);
    const { finishedAt: _, ...patch } = options.patch ?? {};
    await patchRun(store, trx, options.runId, runValues(store.engine, patch));
  });
}

async function keep(
  store: Store,
  trx: Knex.Transaction,
  { runId, job, table, lease }: PublishOptions,
  changes: Changes,
): Promise<void> {
  requireOpen(store, runId, await lockedStatus(store, trx, runId));
  await keepingLease(store, trx, { lease, work: () => keepChanges(store, trx, { runId, job, table, changes }) });
}

function codeOf({ engine }: Store, error: unknown): string | undefined {
  return error instanceof SegtagError ? error.code : engine.classify(error)?.code;
}

async function inOneTransaction(
  store: Store,
  options: PublishOptions,
  apply: (trx: Knex.Transaction) => Promise<Published>,
): Promise<Published> {
  let applied: Published | undefined;
  try {
    await store.knex.transaction(async (trx) => {
      applied = await keepingLease(store, trx, { lease: options.lease, work: () => apply(trx) });
    });
  } catch (error) {
    if (!applied || !(await wasCommitted(store, options.runId, error))) throw error;
  }
  if (!applied) throw new Error('the transaction ended without a result');
  return applied;
}

/** What a run has published, or null: for whoever lost the answer. */
export async function publishedAs({ knex, engine }: Store, runId: string): Promise<Published | null> {
  const { rows } = await engine.run(
    knex,
    `select (select count(*) from segment_change where run_id = r.run_id) as changes,
       (select min(change_seq) from segment_change where run_id = r.run_id) as first,
       (select value from segtag_sequence where name = 'change_seq') as newest
     from segtag_run r where r.run_id = ? and r.status = 'published'`,
    [runId],
  );
  const [row] = rows;
  if (!row) return null;
  const count = Number(row.changes);
  const firstSeq = count > 0 ? Number(row.first) : Number(row.newest) + 1;
  return { firstSeq, lastSeq: firstSeq + count - 1, rows: count };
}

const settleAttempts = 5;
const firstPauseMs = 200;

/** Settles a COMMIT that was not acknowledged. The sequence's lock waits for a commit still under way. */
async function wasCommitted(store: Store, runId: string, commitError: unknown): Promise<boolean> {
  for (let attempt = 0; attempt < settleAttempts; attempt++) {
    try {
      return await store.knex.transaction(async (trx) => {
        await lockSequence(store, trx);
        return (await lockedStatus(store, trx, runId)) === 'published';
      });
    } catch {
      await sleep(firstPauseMs * 2 ** attempt);
    }
  }
  throw new SegtagError('E_CRM_LOST', {
    where: store.engine.place,
    what: `The connection broke while ${runId} was being committed, and the database can't be asked whether it was.`,
    remedy: `Once it is back, segtag show ${runId} says whether it is published.`,
    cause: commitError,
    transient: true,
  });
}
