import { SegtagError } from '../../errors.ts';
import { parseDay } from '../../frame/day.ts';
import type { LoadedJob } from '../../job/load-job.ts';
import { sha256 } from '../../job/hash.ts';
import type { Decision } from '../../staging/runs/decisions.ts';
import type { RunRecord } from '../../staging/runs/run-record.ts';
import type { Published } from '../../staging/publish/publish-options.ts';
import type { Staging } from '../../staging/staging.ts';
import { refuseOlder } from '../stages/as-of.ts';
import { underLease } from '../lease.ts';
import { failedRun } from '../record.ts';

/** Who decides, when, and why. */
export type Deciding = { readonly now: Date; readonly decidedBy: string; readonly reason: string | null };

/**
 * Publishes exactly the changes that a planned or held run kept. Refuses when the job file, the
 * published run or a staging row has changed since: then the plan no longer says what would happen.
 * What a guard has held needs a reason; it is written down with who decided, and covers this run only.
 */
export async function approveRun(
  staging: Staging,
  loaded: LoadedJob,
  runId: string,
  options: Deciding & { readonly allowOlder: boolean },
): Promise<Published> {
  const run = await undecided(staging, runId);
  if (run.status === 'held' && options.reason === null) throw reasonNeeded(runId);
  const { job } = loaded;
  refuseOtherJobFile(run, loaded);
  const { signal } = new AbortController();
  return underLease(staging, { job: job.job, runId, signal }, async (lease) => {
    const published = await staging.publishedBase(job.job);
    if (!options.allowOlder && !run.restores) refuseOlder(job.job, parseDay(run.asOf), published?.asOf);
    return staging.publish({
      runId,
      lease,
      job: job.job,
      table: run.targetTable,
      baseRunId: run.baseRunId,
      leavers: job.publish.leavers,
      changes: 'saved',
      publishedAt: options.now.toISOString(),
      decision: decisionOf('approve', runId, options),
    });
  });
}

/**
 * Publishes what a failed run computed and kept, without reading the warehouse again. Null when
 * nothing is kept: then the night has to be computed again. Refuses a run that didn't fail.
 */
export async function resumeRun(
  staging: Staging,
  loaded: LoadedJob,
  runId: string,
  deciding: Deciding,
): Promise<Published | null> {
  const run = await failed(staging, runId);
  if (!(await staging.hasCandidates(runId))) {
    await staging.updateRun(runId, {}, decisionOf('retry', runId, deciding));
    return null;
  }
  refuseOtherJobFile(run, loaded);
  const { signal } = new AbortController();
  const { job } = loaded.job;
  return underLease(staging, { job, runId, signal }, async (lease) => {
    await staging.updateRun(runId, { status: 'running', errorCode: null, errorMessage: null });
    try {
      return await staging.publish({
        runId,
        lease,
        job,
        table: run.targetTable,
        baseRunId: run.baseRunId,
        leavers: loaded.job.publish.leavers,
        changes: 'saved',
        publishedAt: deciding.now.toISOString(),
        patch: { finishedAt: deciding.now.toISOString() },
        decision: decisionOf('retry', runId, deciding),
      });
    } catch (error) {
      await staging.updateRun(runId, failedRun(error, deciding.now)).catch(() => {}); // the failure itself is what counts
      throw error;
    }
  });
}

/** The run, if it failed, crashed or was aborted, or died without a word. */
async function failed(staging: Staging, runId: string): Promise<RunRecord> {
  const run = await requireRun(staging, runId);
  if (['failed', 'crashed', 'aborted', 'running'].includes(run.status)) return run;
  throw new SegtagError('E_STALE_PLAN', {
    where: runId,
    what: `This run is ${run.status}; only a run that failed can be tried again.`,
    remedy: `Compute the job again: segtag run ${run.job}`,
  });
}

/** Closes a planned or held run without publishing it; its changes are dropped. */
export async function rejectRun(staging: Staging, runId: string, deciding: Deciding): Promise<void> {
  await undecided(staging, runId);
  if (await staging.updateRun(runId, { status: 'rejected' }, decisionOf('reject', runId, deciding))) return;
  throw new SegtagError('E_STALE_PLAN', {
    where: runId,
    what: 'This run has been published in the meantime. It was not rejected.',
    remedy: 'See it with `segtag show`.',
  });
}

function decisionOf(action: Decision['action'], runId: string, { now, decidedBy, reason }: Deciding): Decision {
  return { runId, action, decidedBy, decidedAt: now.toISOString(), reason };
}

function reasonNeeded(runId: string): SegtagError {
  return new SegtagError('E_USAGE', {
    where: runId,
    what: 'A guard has held this run, so publishing it all the same needs a reason, which is kept with the run.',
    remedy: `segtag approve ${runId} --reason "why this night is right"`,
  });
}

function refuseOtherJobFile({ runId, jobHash }: RunRecord, { job, text, file }: LoadedJob): void {
  if (jobHash === sha256(text)) return;
  throw new SegtagError('E_STALE_PLAN', {
    where: runId,
    what: `${file} has changed since this run was computed. Nothing was published.`,
    remedy: `Compute it again: segtag plan ${job.job}`,
  });
}

/** The run of that id; throws E_NOT_FOUND. */
export async function requireRun(staging: Staging, runId: string): Promise<RunRecord> {
  const run = await staging.findRun(runId);
  if (run) return run;
  throw new SegtagError('E_NOT_FOUND', {
    where: runId,
    what: 'There is no such run.',
    remedy: 'See `segtag runs` for the ids.',
  });
}

async function undecided(staging: Staging, runId: string): Promise<RunRecord> {
  const run = await requireRun(staging, runId);
  if (run.status !== 'planned' && run.status !== 'held') {
    throw new SegtagError('E_STALE_PLAN', {
      where: runId,
      what: `This run is ${run.status}; only a planned or held run waits for a decision.`,
      remedy: 'See `segtag runs` for runs that wait.',
    });
  }
  return run;
}
