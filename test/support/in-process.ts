import { join } from 'node:path';
import { parseDay } from '../../src/frame/day.ts';
import type { ResolvedConnection } from '../../src/job/connections-schema.ts';
import { loadJob } from '../../src/job/load-job.ts';
import { silentLogger } from '../../src/logger.ts';
import type { RunContext } from '../../src/pipeline/context.ts';
import type { RestoreContext } from '../../src/pipeline/decisions/restore.ts';
import { newRunId } from '../../src/pipeline/run-id.ts';
import { runJob } from '../../src/pipeline/run.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { openStaging, type Staging } from '../../src/staging/staging.ts';

/** Where a project lies. */
type Place = { readonly directory: string };

const job = 'small';
const quiet = { started: () => {}, advanced: () => {}, finished: () => {}, waiting: () => {} };

/** One night of the small project in this process, which costs a tenth of a process of its own. */
export function nightOf(
  { directory }: Place,
  crm: ResolvedConnection,
  asOf: string,
  fields: Partial<RunContext> = {},
): Promise<RunSummary> {
  const views = { customer: join(directory, 'customer.csv') };
  return runJob({
    projectDir: directory,
    loaded: fields.loaded ?? loadJob(directory, job),
    target: 'test',
    warehouse: { name: 'warehouse', target: 'test', config: { client: 'duckdb', file: ':memory:', views } },
    crm,
    runId: newRunId(job, new Date()),
    asOf: parseDay(asOf),
    trigger: 'manual',
    mode: 'publish',
    allowOlder: false,
    now: () => new Date(),
    signal: new AbortController().signal,
    progress: quiet,
    log: silentLogger,
    ...fields,
  });
}

/** Opens staging for some work on the small project, and closes it whatever happens. */
export async function staged<Result>(
  crm: ResolvedConnection,
  work: (staging: Staging) => Promise<Result>,
): Promise<Result> {
  const staging = await openStaging(crm);
  try {
    return await work(staging);
  } finally {
    await staging.close();
  }
}

/** What a rollback or a repair of the small project is told. */
export function restoring(
  { directory }: Place,
  staging: Staging,
  fields: Partial<RestoreContext> = {},
): RestoreContext {
  return {
    staging,
    loaded: loadJob(directory, job),
    target: 'test',
    runId: newRunId(job, new Date()),
    mode: 'publish',
    decidedBy: 'somebody@somewhere',
    reason: 'a test',
    now: () => new Date(),
    ...fields,
  };
}
