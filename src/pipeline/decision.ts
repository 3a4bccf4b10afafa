import { SegtagError } from '../errors.ts';
import { parseDay } from '../frame/day.ts';
import type { LoadedJob } from '../job/load-job.ts';
import { sha256 } from '../job/hash.ts';
import type { RunRecord } from '../staging/run-record.ts';
import type { Published } from '../staging/publish-options.ts';
import type { Staging } from '../staging/staging.ts';
import { refuseOlder } from './as-of.ts';
import { underLease } from './lease.ts';

/**
 * Publishes exactly the changes that a planned or held run kept. Refuses when the job file, the
 * published run or a staging row has changed since: then the plan no longer says what would happen.
 */
export async function approveRun(
  staging: Staging,
  loaded: LoadedJob,
  runId: string,
  options: { readonly now: Date; readonly allowOlder: boolean },
): Promise<Published> {
  const run = await undecided(staging, runId);
  const { job, text } = loaded;
  if (run.jobHash !== sha256(text)) {
    throw new SegtagError('E_STALE_PLAN', {
      where: runId,
      what: `${loaded.file} has changed since this run was computed. Nothing was published.`,
      remedy: `Compute it again: segtag plan ${job.job}`,
    });
  }
  const { signal } = new AbortController();
  return underLease(staging, { job: job.job, runId, signal }, async (lease) => {
    const published = await staging.publishedBase(job.job);
    if (!options.allowOlder) refuseOlder(job.job, parseDay(run.asOf), published?.asOf);
    return staging.publish({
      runId,
      lease,
      job: job.job,
      table: run.targetTable,
      baseRunId: run.baseRunId,
      leavers: job.publish.leavers,
      changes: 'saved',
      publishedAt: options.now.toISOString(),
    });
  });
}

/** Closes a planned or held run without publishing it; its changes are dropped. */
export async function rejectRun(staging: Staging, runId: string): Promise<void> {
  await undecided(staging, runId);
  if (await staging.updateRun(runId, { status: 'rejected' })) return;
  throw new SegtagError('E_STALE_PLAN', {
    where: runId,
    what: 'This run has been published in the meantime. It was not rejected.',
    remedy: 'See it with `segtag show`.',
  });
}

async function undecided(staging: Staging, runId: string): Promise<RunRecord> {
  const run = await staging.findRun(runId);
  if (!run) {
    throw new SegtagError('E_NOT_FOUND', {
      where: runId,
      what: 'There is no such run.',
      remedy: 'See `segtag runs` for the ids.',
    });
  }
  if (run.status !== 'planned' && run.status !== 'held') {
    throw new SegtagError('E_STALE_PLAN', {
      where: runId,
      what: `This run is ${run.status}; only a planned or held run waits for a decision.`,
      remedy: 'See `segtag runs` for runs that wait.',
    });
  }
  return run;
}
