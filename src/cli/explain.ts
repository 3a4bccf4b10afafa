import { explainCustomer, type CustomerExplanation } from '../analysis/explain-customer.ts';
import type { CentroidModel, Model } from '../analysis/model.ts';
import type { Scores } from '../analysis/scores.ts';
import { SegtagError } from '../errors.ts';
import { hideCustomers, type RunSummary } from '../pipeline/summary.ts';
import type { CustomerTag } from '../staging/customer-history.ts';
import type { Change } from '../staging/feed.ts';
import type { RunRecord } from '../staging/run-record.ts';
import type { Staging } from '../staging/staging.ts';
import { customerText, explanationText } from './explain-text.ts';
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

export type CustomerReport = {
  readonly job: string;
  readonly customer_id: string;
  readonly tag: CustomerTag;
  /** Null where the job doesn't cluster, or a value is missing. */
  readonly why: CustomerExplanation | null;
  readonly changes: readonly Change[];
};

/** `segtag customer <job> <id>`: a customer's tag, how it came about, and what would change it. */
export async function customerCommand(
  terminal: Terminal,
  { job, customerId }: { readonly job: string; readonly customerId: string },
  options: StoreOptions,
): Promise<number> {
  const report = await withStore(openProject(options), options.connection, async (staging): Promise<CustomerReport> => {
    const base = await staging.publishedBase(job);
    if (!base) throw notFound(job, 'This job has published nothing yet.', 'See `segtag runs`.');
    const { tag, changes } = await staging.readCustomer({ job, table: base.targetTable, customerId });
    if (!tag) throw notFound(customerId, `${job} has no tag for this customer.`, 'Check the id, and the job.');
    const scores = JSON.parse(tag.scores ?? '{}') as Scores;
    return { job, customer_id: customerId, tag, why: whyOf(base.model as Model | null, scores), changes };
  });
  terminal.print(options.json ? JSON.stringify({ schemaVersion: 1, ...report }) : customerText(report));
  return 0;
}

async function findRun(staging: Staging, jobOrRun: string): Promise<RunRecord> {
  const named = await staging.findRun(jobOrRun);
  const runs = named ? [named] : await staging.listRuns({ job: jobOrRun, limit: 50 });
  const computed = runs.find(({ summary }) => summary !== null && 'segments' in (summary as object));
  if (computed) return computed;
  throw notFound(jobOrRun, 'There is no such run, nor a job with a computed run.', 'See `segtag runs` for both.');
}

function whyOf(model: Model | null, scores: Scores): CustomerExplanation | null {
  return model && 'scales' in model ? explainCustomer(model as CentroidModel, scores) : null;
}

function notFound(where: string, what: string, remedy: string): SegtagError {
  return new SegtagError('E_NOT_FOUND', { where, what, remedy });
}
