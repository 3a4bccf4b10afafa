import type { LoadedJob } from '../../job/load-job.ts';
import type { Pruned } from '../../staging/prune.ts';
import type { Staging } from '../../staging/staging.ts';
import { underLease } from '../lease.ts';

const dayMs = 86_400_000;

/** Removes the history of a job that no kept run needs. No run of the job goes on meanwhile. */
export async function pruneJob(
  staging: Staging,
  { job }: LoadedJob,
  options: {
    readonly olderThanDays?: number;
    readonly dryRun: boolean;
    readonly now: Date;
    readonly signal: AbortSignal;
  },
): Promise<Pruned> {
  const { olderThanDays: days, dryRun, now } = options;
  const keepSince = days === undefined ? {} : { keepSince: new Date(now.getTime() - days * dayMs).toISOString() };
  const what = { job: job.job, keepRuns: job.publish.keep_runs, dryRun, ...keepSince };
  if (dryRun) return staging.prune({ ...what, signal: options.signal });
  const holder = { job: job.job, runId: `prune ${job.job}`, signal: options.signal };
  return underLease(staging, holder, (_, signal) => staging.prune({ ...what, signal }));
}
