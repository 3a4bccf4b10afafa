import type { LoadedJob } from '../job/load-job.ts';
import { inReadingOrder, mistakesError, type Mistake } from '../job/mistake.ts';
import { lintJob } from '../pipeline/inquiries/lint.ts';

/** What can be told of jobs before any data is read: throws one E_JOB_INVALID with all errors, or returns the warnings. */
export function lintJobs(jobs: readonly LoadedJob[]): Mistake[] {
  const found = jobs.flatMap((loaded) =>
    lintJob(loaded.job).map(({ severity, path, message, suggestion, span }) => ({
      severity,
      mistake: loaded.mistake(path, message, suggestion, span),
    })),
  );
  const placed = (severity: 'error' | 'warn'): Mistake[] =>
    inReadingOrder(found.filter((each) => each.severity === severity).map(({ mistake }) => mistake));
  const errors = placed('error');
  if (errors.length > 0) throw mistakesError('E_JOB_INVALID', errors, 'job file');
  return placed('warn');
}
