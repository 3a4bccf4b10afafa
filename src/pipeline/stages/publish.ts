import type { Lease } from '../../staging/runs/lease.ts';
import type { Changes } from '../../staging/publish/publish-options.ts';
import type { RunPatch, RunStatus } from '../../staging/runs/run-record.ts';
import type { Staging } from '../../staging/staging.ts';
import type { RunContext } from '../context.ts';
import { drawAhead } from '../nights/night-report.ts';
import type { RunSummary } from '../summary.ts';

export type Delivery = {
  readonly staging: Staging;
  readonly lease: Lease;
  readonly changes: Required<Changes>;
  readonly baseRunId: string | null;
  readonly held: boolean;
  /** The centroids were fitted tonight. */
  readonly refitted: boolean;
  readonly patch: Omit<RunPatch, 'status'>;
  readonly summaryOf: (status: RunStatus) => RunSummary;
};

/**
 * Ends a computed night: published in one transaction, kept as planned or held, or closed as
 * unchanged. Returns the summary with the status that was reached.
 */
export async function deliver(context: RunContext, delivery: Delivery): Promise<RunSummary> {
  const { staging, lease, changes, baseRunId } = delivery;
  const { job } = context.loaded;
  const status = statusOf(context, delivery);
  const summary = delivery.summaryOf(status);
  const patch = { ...delivery.patch, counts: { ...summary.counts }, summary, finishedAt: context.now().toISOString() };
  const run = { runId: context.runId, job: job.job };
  await drawAhead(context, staging, changes.candidates.count + changes.lists.count, { ...patch, status });
  switch (status) {
    case 'no_change':
      await staging.updateRun(run.runId, { ...patch, status });
      if (baseRunId !== null && delivery.refitted)
        await staging.renewModel({ ...run, runId: baseRunId, model: changes.model });
      break;
    case 'planned':
    case 'held':
      await staging.savePlan({ ...run, targetTable: job.publish.table, status, ...changes, patch });
      break;
    case 'published':
      await staging.publish({
        ...run,
        table: job.publish.table,
        lease,
        baseRunId,
        leavers: job.publish.leavers,
        changes,
        publishedAt: context.now().toISOString(),
        patch,
      });
      break;
  }
  await staging.supersede(job.job, context.runId);
  return summary;
}

/** The delivery in one line. */
export function noteDelivery({ run, counts, recommendations }: RunSummary): string {
  const { entered, moved, left, updated } = counts;
  const changes = [
    `${count(entered)} entered`,
    `${count(moved)} moved`,
    `${count(left)} left`,
    ...(updated > 0 ? [`${count(updated)} updated`] : []),
    ...(recommendations ? [`${count(recommendations.lists_written)} lists of recommendations`] : []),
  ].join(', ');
  switch (run.status) {
    case 'published':
      return `${changes} → ${run.table}`;
    case 'no_change':
      return '0 changes, nothing written';
    default:
      return `${run.status}, kept for a decision; nothing written to ${run.table}`;
  }
}

function statusOf(
  { mode }: RunContext,
  { held, changes, baseRunId }: Delivery,
): 'held' | 'planned' | 'no_change' | 'published' {
  if (held) return 'held';
  if (changes.candidates.count === 0 && changes.lists.count === 0 && baseRunId !== null) return 'no_change';
  return mode === 'plan' ? 'planned' : 'published';
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
