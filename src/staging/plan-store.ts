import { SegtagError } from '../errors.ts';
import type { Candidates } from '../frame/tags.ts';
import { canonicalJson } from '../job/hash.ts';
import { loadCandidates } from './candidates.ts';
import type { Store } from './engine.ts';
import { openStatuses, runValues, type RunPatch, type RunStatus } from './run-record.ts';
import { lockedStatus, patchRun, saveModel } from './run-store.ts';

/** A computed run, kept so that exactly this can be published later. */
export type SavedPlan = {
  readonly runId: string;
  readonly job: string;
  readonly targetTable: string;
  readonly status: 'planned' | 'held';
  readonly candidates: Candidates;
  /** Any JSON; null saves none. */
  readonly model: unknown;
  readonly patch?: Omit<RunPatch, 'status'>;
};

/** Keeps candidates, model and status of a plan, all or nothing. */
export async function savePlan(store: Store, plan: SavedPlan): Promise<void> {
  const model = modelText(plan.model);
  await store.knex.transaction(async (trx) => {
    const status = await lockedStatus(store, trx, plan.runId);
    requireOpen(store, plan.runId, status);
    const { runId, job, targetTable: table, candidates } = plan;
    await loadCandidates(store, trx, { runId, job, table, candidates });
    await saveModel(store, trx, { runId: plan.runId, job: plan.job, model });
    await patchRun(store, trx, plan.runId, runValues(store.engine, { ...plan.patch, status: plan.status }));
  });
}

/** A model as it is stored. */
export function modelText(model: unknown): string | null {
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
