import { SegtagError } from '../errors.ts';
import { describeCustomer } from '../pipeline/inquiries/customer-report.ts';
import { hideCustomers, type RunSummary } from '../pipeline/summary.ts';
import type { RunRecord } from '../staging/runs/run-record.ts';
import type { Staging } from '../staging/staging.ts';
import { customerText, explanationText } from './text/explain.ts';
import { openProject } from './project.ts';
import type { Terminal } from './terminal.ts';
import { withStore, type StoreOptions } from './with-staging.ts';

/** `segtag explain <job|run>`: why each segment has its name, and the questions that tell the segments apart. */
export async function explainCommand(terminal: Terminal, jobOrRun: string, options: StoreOptions): Promise<number> {
  const run = await withStore(openProject(options), options.connection, (staging) => findRun(staging, jobOrRun));
  const { segments, clusters, tree, drift, quality } = hideCustomers(run.summary as RunSummary);
  if (options.json) {
    const parts = { segments, clusters, tree, drift, quality };
    terminal.print(JSON.stringify({ schemaVersion: 1, run: run.runId, job: run.job, ...parts }));
  } else terminal.print(explanationText(run, terminal.width));
  return 0;
}

/** `segtag customer <job> <id>`: a customer's tag, how it came about, and what would change it. */
export async function customerCommand(
  terminal: Terminal,
  { job, customerId }: { readonly job: string; readonly customerId: string },
  options: StoreOptions,
): Promise<number> {
  const report = await withStore(openProject(options), options.connection, (staging) =>
    describeCustomer(staging, { job, customerId }),
  );
  terminal.print(options.json ? JSON.stringify({ schemaVersion: 1, ...report }) : customerText(report));
  return 0;
}

async function findRun(staging: Staging, jobOrRun: string): Promise<RunRecord> {
  const named = await staging.findRun(jobOrRun);
  const runs = named ? [named] : await staging.listRuns({ job: jobOrRun, limit: 50 });
  const computed = runs.find(({ summary }) => summary !== null && 'segments' in (summary as object));
  if (computed) return computed;
  throw new SegtagError('E_NOT_FOUND', {
    where: jobOrRun,
    what: 'There is no such run, nor a job with a computed run.',
    remedy: 'See `segtag runs` for both.',
  });
}
