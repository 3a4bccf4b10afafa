import type { Knex } from 'knex';
import { SegtagError } from '../../errors.ts';
import { canonicalJson } from '../../job/hash.ts';
import { loadCandidates } from './candidates.ts';
import type { Store } from '../engines/engine.ts';
import type { Changes } from './publish-options.ts';
import { loadListChanges } from './recommendations.ts';
import { openStatuses, runValues, type RunPatch, type RunStatus } from '../runs/run-record.ts';
import { lockedStatus, patchRun, saveModel } from '../runs/run-store.ts';

/** A computed run, kept so that exactly this can be published later. */
export type SavedPlan = Changes & {
  readonly runId: string;
  readonly job: string;
  readonly targetTable: string;
  readonly status: 'planned' | 'held';
  readonly patch?: Omit<RunPatch, 'status'>;
};

/** Keeps candidates, model and status of a plan, all or nothing. */
export async function savePlan(store: Store, plan: SavedPlan): Promise<void> {
  await store.knex.transaction(async (trx) => {
    const status = await lockedStatus(store, trx, plan.runId);
    requireOpen(store, plan.runId, status);
    await keepChanges(store, trx, { runId: plan.runId, job: plan.job, table: plan.targetTable, changes: plan });
    await patchRun(store, trx, plan.runId, runValues(store.engine, { ...plan.patch, status: plan.status }));
  });
}

/** Keeps what a run has computed, in place of what it kept before. */
export async function keepChanges(
  store: Store,
  trx: Knex.Transaction,
  run: { readonly runId: string; readonly job: string; readonly table: string; readonly changes: Changes },
): Promise<void> {
  const { runId, job, changes } = run;
  const model = modelText(changes.model);
  await loadCandidates(store, trx, { ...run, candidates: changes.candidates });
  if (changes.lists) await loadListChanges(store, trx, { runId, lists: changes.lists });
  await saveModel(store, trx, { runId, job, model });
}

function modelText(model: unknown): string | null {
  return model === null || model === undefined ? null : canonicalJson(model);
}

/** Throws E_STALE_PLAN when the run has been decided already. */
export function requireOpen({ engine }: Store, runId: string, status: string): void {
  if (openStatuses.includes(status as RunStatus)) return;
  throw new SegtagError('E_STALE_PLAN', {
    where: engine.place,
    what: `The run ${runId} is already ${status}.`,
    remedy: 'Run the job again to compute a new plan.',
  });
}
