import { judgeRepair, judgeRollback, type GuardResult } from '../../analysis/decide/guards.ts';
import type { Move } from '../../analysis/decide/diff.ts';
import { planRepair, planRollback, type Restoration } from '../../analysis/decide/restore.ts';
import { SegtagError } from '../../errors.ts';
import type { Drift } from '../../frame/tags.ts';
import { sha256 } from '../../job/hash.ts';
import type { LoadedJob } from '../../job/load-job.ts';
import type { Decision } from '../../staging/runs/decisions.ts';
import type { Lease } from '../../staging/runs/lease.ts';
import type { PublishedBase } from '../../staging/runs/run-store.ts';
import type { Staging } from '../../staging/staging.ts';
import type { WrittenRun } from '../../staging/runs/written-runs.ts';
import { underLease } from '../lease.ts';
import { begunRun, failedRun } from '../record.ts';
import { summariseRestore, type RestoreSummary } from './restore-summary.ts';

export type RestoreContext = {
  readonly staging: Staging;
  readonly loaded: LoadedJob;
  readonly target: string;
  readonly runId: string;
  /** `plan` computes and keeps; `publish` also writes the tags, unless a guard holds it. */
  readonly mode: 'plan' | 'publish';
  readonly decidedBy: string;
  readonly reason: string | null;
  readonly now: () => Date;
};

/**
 * Brings the tags of an earlier run back, as a run of its own that can itself be undone. Rows that
 * somebody else has written to are conflicts and stay as they are. The model of that run comes
 * back too, so the next night goes on from there.
 */
export async function rollBack(context: RestoreContext, toRunId: string): Promise<RestoreSummary> {
  const summary = await restoring(context, async ({ base, table, drift }) => {
    const { staging, loaded } = context;
    const to = await rollbackTarget(staging, loaded.job.job, toRunId, base.runId);
    const before = await staging.segmentSizes({ job: to.job, table });
    const conflicts = new Set([...drift.edited, ...drift.missing]);
    const tags = await staging.readRestorable({ job: to.job, table, atSeq: to.lastSeq });
    const restoration = planRollback(tags, { asOf: to.asOf, conflicts, base: total(before) });
    const sizes = { counts: restoration.counts, before, after: sizesAfter(before, restoration.moves) };
    return {
      ...restoration,
      guards: judgeRollback(loaded.job.guards, sizes),
      restores: to.runId,
      asOf: to.asOf,
      model: await staging.readModel(to.runId),
      conflicts: [...conflicts],
    };
  });
  if (!summary) throw new Error('a rollback ended without a summary');
  return summary;
}

/** Writes what runs have written over rows that say something else, or are gone; null when there are none. Rows that no run wrote are left alone. */
export async function repair(context: RestoreContext): Promise<RestoreSummary | null> {
  return restoring(context, async ({ base, table, drift }) => {
    const { staging, loaded } = context;
    const { job } = loaded.job;
    const ids = [...drift.edited, ...drift.missing];
    if (ids.length === 0) return null;
    const tags = await staging.readRestorable({ job, table, atSeq: Number.MAX_SAFE_INTEGER, ids });
    const restoration = planRepair(tags, total(await staging.segmentSizes({ job, table })));
    return {
      ...restoration,
      guards: [judgeRepair(loaded.job.guards, restoration.counts)],
      restores: base.runId,
      asOf: base.asOf,
      model: base.model,
      conflicts: [],
    };
  });
}

type Found = { readonly base: PublishedBase; readonly table: string; readonly drift: Drift };

type Computed = Restoration & {
  readonly guards: readonly GuardResult[];
  readonly restores: string;
  readonly asOf: string;
  readonly model: unknown;
  readonly conflicts: readonly string[];
};

/** Computes under the lease and delivers; null when there is nothing to bring back. */
async function restoring(
  context: RestoreContext,
  compute: (found: Found) => Promise<Computed | null>,
): Promise<RestoreSummary | null> {
  const { staging, loaded, runId } = context;
  const { job } = loaded.job;
  const { signal } = new AbortController();
  return underLease(staging, { job, runId, signal }, async (lease) => {
    const base = await staging.publishedBase(job);
    if (!base) throw nothingPublished(job);
    const table = base.targetTable;
    const computed = await compute({ base, table, drift: await staging.findDrift({ job, table }) });
    if (computed === null) return null;
    await recordStart(context, base, computed);
    try {
      return await deliverRestored(context, { base, lease, computed });
    } catch (error) {
      await staging.updateRun(runId, failedRun(error, context.now())).catch(() => {}); // the failure itself is what counts
      throw error;
    }
  });
}

async function recordStart(
  { staging, loaded, runId, now }: RestoreContext,
  base: PublishedBase,
  computed: Computed,
): Promise<void> {
  const { restores, asOf } = computed;
  await staging.insertRun(
    begunRun({
      runId,
      job: loaded.job.job,
      targetTable: base.targetTable,
      trigger: triggerOf(computed, base),
      slot: null,
      asOf,
      baseRunId: base.runId,
      restores,
      jobHash: sha256(loaded.text),
      startedAt: now().toISOString(),
    }),
  );
}

type Delivery = { readonly base: PublishedBase; readonly lease: Lease; readonly computed: Computed };

async function deliverRestored(context: RestoreContext, { base, lease, computed }: Delivery): Promise<RestoreSummary> {
  const { staging, loaded, runId, mode, now } = context;
  const held = computed.guards.some(({ verdict }) => verdict === 'held');
  const status = held ? 'held' : mode === 'plan' ? 'planned' : 'published';
  const summary = summariseRestore({
    run: {
      id: runId,
      job: loaded.job.job,
      status,
      as_of: computed.asOf,
      target: context.target,
      trigger: triggerOf(computed, base),
      base_run: base.runId,
      restores: computed.restores,
      table: base.targetTable,
      staging: staging.place,
    },
    ...computed,
    hasLists: loaded.job.recommendations !== undefined,
  });
  const at = now().toISOString();
  const { candidates: list, model } = computed;
  const candidates = { count: list.length, at: (index: number) => list[index]! };
  const patch = { counts: { ...summary.counts }, summary, finishedAt: at };
  const run = { runId, job: loaded.job.job };
  const { decidedBy, reason } = context;
  const action = triggerOf(computed, base);
  const decision: Decision = { runId, action, decidedBy, decidedAt: at, reason };
  if (status === 'published') {
    const { leavers } = loaded.job.publish;
    const to = { table: base.targetTable, lease, baseRunId: base.runId, leavers, publishedAt: at };
    await staging.publish({ ...run, ...to, changes: { candidates, model }, patch, decision });
  } else {
    await staging.savePlan({ ...run, targetTable: base.targetTable, status, candidates, model, patch });
    await staging.updateRun(runId, {}, decision);
  }
  await staging.supersede(run.job, runId);
  return summary;
}

/** A run that brings back what is published anyway repairs rows. */
function triggerOf({ restores }: Computed, base: PublishedBase): 'repair' | 'rollback' {
  return restores === base.runId ? 'repair' : 'rollback';
}

async function rollbackTarget(staging: Staging, job: string, runId: string, baseRunId: string): Promise<WrittenRun> {
  const run = await staging.findWritten(runId);
  if (run?.job !== job)
    throw new SegtagError('E_NOT_FOUND', {
      where: runId,
      what: `${job} has no run of that id that has published tags.`,
      remedy: `See \`segtag runs ${job}\` for runs that are published or rolled_back.`,
    });
  if (run.pruned)
    throw new SegtagError('E_PRUNED', {
      where: runId,
      what: 'What this run published has been pruned. Nothing was rolled back.',
      remedy: `Name a later run: segtag runs ${job}. publish.keep_runs of the job says how many are kept.`,
    });
  if (runId !== baseRunId) return run;
  throw new SegtagError('E_USAGE', {
    where: runId,
    what: 'This run is what is published; there is nothing to roll back.',
    remedy: `Name an earlier run: segtag runs ${job}`,
  });
}

function nothingPublished(job: string): SegtagError {
  return new SegtagError('E_NOT_FOUND', {
    where: job,
    what: 'This job has published nothing yet.',
    remedy: `Run it first: segtag run ${job}`,
  });
}

function sizesAfter(before: ReadonlyMap<string, number>, moves: readonly Move[]): ReadonlyMap<string, number> {
  const sizes = new Map(before);
  const add = (segment: string | null, customers: number): void => {
    if (segment !== null) sizes.set(segment, (sizes.get(segment) ?? 0) + customers);
  };
  for (const { from, to, customers } of moves) {
    add(from, -customers);
    add(to, customers);
  }
  return sizes;
}

function total(sizes: ReadonlyMap<string, number>): number {
  return [...sizes.values()].reduce((sum, customers) => sum + customers, 0);
}
