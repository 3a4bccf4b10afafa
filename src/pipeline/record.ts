import { SegtagError } from '../errors.ts';
import type { RunPatch, RunRecord } from '../staging/runs/run-record.ts';

type Begun = Pick<
  RunRecord,
  'runId' | 'job' | 'targetTable' | 'trigger' | 'slot' | 'asOf' | 'baseRunId' | 'jobHash' | 'startedAt'
> & { readonly restores?: string };

/** The record of a run that begins. */
export function begunRun(begun: Begun): RunRecord {
  return {
    status: 'running',
    sqlHash: null,
    dataHash: null,
    counts: {},
    timings: {},
    summary: null,
    errorCode: null,
    errorMessage: null,
    finishedAt: null,
    publishedAt: null,
    ...begun,
  };
}

/** What the record of a run says once it has failed. */
export function failedRun(error: unknown, now: Date): RunPatch {
  const known = error instanceof SegtagError;
  const aborted = known && (error.code === 'E_INTERRUPTED' || error.code === 'E_TERMINATED');
  return {
    status: aborted ? 'aborted' : 'failed',
    errorCode: known ? error.code : 'E_BUG',
    errorMessage: known ? error.what : 'a bug in segtag',
    finishedAt: now.toISOString(),
  };
}
