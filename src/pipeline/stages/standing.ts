import type { Drift } from '../../frame/tags.ts';
import type { Job } from '../../job/schema.ts';
import type { Staging } from '../../staging/staging.ts';

/** What others have done to the staging table before tonight. */
export type Standing = {
  readonly drift: Drift;
  /** What the published run took away as a rollback, by customer; empty where it is none. */
  readonly undone: ReadonlyMap<string, string | null>;
};

/** Reads which of a job's rows say something else than its runs have written. */
export async function readStanding(staging: Staging, job: Job, publishedRunId: string | undefined): Promise<Standing> {
  const table = { job: job.job, table: job.publish.table };
  const drift = await staging.findDrift(table);
  const undone = publishedRunId === undefined ? new Map<string, string>() : await staging.undoneBy(publishedRunId);
  return { drift, undone };
}

/** Customers whose row is not as it was written: a night leaves them alone. */
export function driftedIds({ edited, missing, foreign }: Drift): ReadonlySet<string> {
  return new Set([...edited, ...missing, ...foreign]);
}
