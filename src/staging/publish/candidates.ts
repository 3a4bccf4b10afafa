import type { Knex } from 'knex';
import type { Candidates } from '../../frame/tags.ts';
import { candidateRows, smallestLimits, type Limits } from './candidate-rows.ts';
import type { Store } from '../engines/engine.ts';
import { refuseMergingIds } from './merging-ids.ts';
import { dropListChanges } from './recommendations.ts';

/** Replaces the run's candidates. Refuses, naming ids, those that the tag table or the feed can't hold or keep apart. */
export async function loadCandidates(
  store: Store,
  trx: Knex.Transaction,
  load: { readonly runId: string; readonly job: string; readonly table: string; readonly candidates: Candidates },
): Promise<void> {
  await dropCandidates(store, trx, load.runId);
  if (load.candidates.count === 0) return;
  const limits = await limitsOf(store, trx, load.table);
  await store.engine.bulkInsert(trx, candidateRows({ ...load, limits }));
  await refuseMergingIds(store, trx, load);
}

async function dropCandidates({ engine }: Store, trx: Knex.Transaction, runId: string): Promise<void> {
  await engine.run(trx, 'delete from segtag_candidate where run_id = ?', [runId]);
}

/** Removes what a run computed and didn't publish: candidates, changes to lists and model. */
export async function dropPlan(store: Store, trx: Knex.Transaction, runId: string): Promise<void> {
  await dropCandidates(store, trx, runId);
  await dropListChanges(store, trx, runId);
  await store.engine.run(trx, 'delete from segtag_model where run_id = ?', [runId]);
}

/** Whether anything is kept that the run is to write. */
export async function hasCandidates({ knex, engine }: Store, runId: string): Promise<boolean> {
  const { rows } = await engine.run(
    knex,
    `select 1 as one from segtag_candidate where run_id = ? union all
     select 1 as one from segtag_recommendation where run_id = ? limit 1`,
    [runId, runId],
  );
  return rows.length > 0;
}

/** What the tag table, our copy and the feed take. */
async function limitsOf({ engine }: Store, db: Knex, table: string): Promise<Limits> {
  const tables: Limits[] = [];
  for (const name of [table, 'segtag_candidate', 'segment_change']) tables.push(await engine.lengthLimits(db, name));
  return smallestLimits(tables);
}
