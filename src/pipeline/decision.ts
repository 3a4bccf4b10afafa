import { SegtagError } from '../errors.ts';
import type { LoadedJob } from '../job/load-job.ts';
import { sha256 } from '../job/hash.ts';
import type { RunRecord } from '../staging/run-record.ts';
import type { Published } from '../staging/publish-options.ts';
import type { Staging } from '../staging/staging.ts';
import { underLease } from './lease.ts';

/**
 * Publishes exactly the changes that a planned or held run kept. Refuses when the job file, the
 * published run or a staging row has changed since: then the plan no longer says what would happen.
 */
export async function approveRun(staging: Staging, loaded: LoadedJob, runId: string, now: Date): Promise<Published> {
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
  return underLease(staging, { job: job.job, runId, signal }, (lease) =>
    staging.publish({
      runId,
      lease,
      job: job.job,
      table: run.targetTable,
      baseRunId: run.baseRunId,
      leavers: job.publish.leavers,
      changes: 'saved',
      publishedAt: now.toISOString(),
    }),
  );
}

/** Closes a planned or held run without publishing it; its changes are dropped. */
export async function rejectRun(staging: Staging, runId: string): Promise<void> {
  await undecided(staging, runId);
  await staging.updateRun(runId, { status: 'rejected' });
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
