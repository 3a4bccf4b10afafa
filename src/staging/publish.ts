import { setTimeout as sleep } from 'node:timers/promises';
import { SegtagError } from '../errors.ts';
import { applyPlan, lockSequence } from './apply-plan.ts';
import { dropPlan } from './candidates.ts';
import type { Store } from './engine.ts';
import { keepingLease } from './lease.ts';
import type { Published, PublishOptions } from './publish-options.ts';
import { keepChanges, requireOpen } from './plan-store.ts';
import { isPassing, runValues } from './run-record.ts';
import { lockedStatus, patchRun } from './run-store.ts';

/**
 * Applies a run's candidates: readers see all of them or none. Throws E_STALE_PLAN when the
 * base or a row has moved since, E_CRM_REFUSED_ROWS when a row can't be written. After any
 * failure the tags are as before. Candidates that were loaded here are gone, unless the failure
 * is a passing one: then they and the model stay, and `saved` publishes them later.
 */
export async function publish(store: Store, options: PublishOptions): Promise<Published> {
  const { runId, table, changes } = options;
  if (changes === 'saved') return publishLoaded(store, options);
  try {
    await store.knex.transaction(async (trx) => {
      requireOpen(store, runId, await lockedStatus(store, trx, runId));
      const work = (): Promise<void> => keepChanges(store, trx, { runId, job: options.job, table, changes });
      await keepingLease(store, trx, { lease: options.lease, work });
      const { finishedAt: _, ...patch } = options.patch ?? {};
      await patchRun(store, trx, runId, runValues(store.engine, patch));
    });
    return await publishLoaded(store, options);
  } catch (error) {
    const code = error instanceof SegtagError ? error.code : store.engine.classify(error)?.code;
    // The failure is what counts; a run that ends as failed drops its candidates again.
    if (!isPassing(code)) await store.knex.transaction((trx) => dropPlan(store, trx, runId)).catch(() => {});
    throw error;
  }
}

async function publishLoaded(store: Store, options: PublishOptions): Promise<Published> {
  let applied: Published | undefined;
  try {
    await store.knex.transaction(async (trx) => {
      applied = await keepingLease(store, trx, { lease: options.lease, work: () => applyPlan(store, trx, options) });
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
