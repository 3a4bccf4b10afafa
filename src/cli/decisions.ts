import { loadJob } from '../job/load-job.ts';
import { approveAndTell, rejectAndTell } from '../pipeline/decisions/decision-told.ts';
import { requireRun, resumeRun, type Deciding } from '../pipeline/decisions/decision.ts';
import { jobOf } from '../pipeline/run-id.ts';
import { decidedBy } from './decided-by.ts';
import { formatCount } from './text/numbers.ts';
import { openProject } from './project.ts';
import { runCommand } from './run.ts';
import { tellerFor } from './telling.ts';
import type { Terminal } from './terminal.ts';
import { withStore, type StoreOptions } from './with-staging.ts';

type DecisionOptions = StoreOptions & { readonly reason?: string; readonly allowOlder?: boolean };

function deciding({ reason }: DecisionOptions): Deciding {
  return { now: new Date(), decidedBy: decidedBy(), reason: reason?.trim() || null };
}

/** `segtag approve <run>`: publishes a planned or held run as it was computed. */
export async function approveCommand(terminal: Terminal, runId: string, options: DecisionOptions): Promise<number> {
  const project = openProject(options);
  const loaded = loadJob(project.directory, jobOf(runId));
  const result = await withStore(project, loaded.job.publish.connection, async (staging) => {
    const teller = tellerFor(terminal, project, loaded);
    const decision = { ...deciding(options), runId, teller, allowOlder: options.allowOlder ?? false };
    const published = await approveAndTell(staging, decision);
    return { place: staging.place, ...published };
  });
  printPublished(terminal, { runId, table: loaded.job.publish.table, json: options.json ?? false }, result);
  return 0;
}

/** `segtag reject <run>`: closes a planned or held run; its changes are dropped. */
export async function rejectCommand(terminal: Terminal, runId: string, options: DecisionOptions): Promise<number> {
  const project = openProject(options);
  const teller = tellerFor(terminal, project, loadJob(project.directory, jobOf(runId)));
  await withStore(project, options.connection, (staging) =>
    rejectAndTell(staging, { ...deciding(options), runId, teller }),
  );
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, run: { id: runId, status: 'rejected' } }));
  else terminal.print(`Rejected ${runId}. Nothing was written to the tags.`);
  return 0;
}

/** `segtag retry <run>`: publishes what a failed run kept, or computes its night again. */
export async function retryCommand(
  terminal: Terminal,
  runId: string,
  options: DecisionOptions & { readonly set: readonly string[] },
): Promise<number> {
  const project = openProject(options);
  const loaded = loadJob(project.directory, jobOf(runId));
  const { place, published, asOf } = await withStore(project, loaded.job.publish.connection, async (staging) => {
    const kept = await resumeRun(staging, loaded, runId, deciding(options));
    const run = await requireRun(staging, runId);
    return { place: staging.place, published: kept, asOf: run.asOf };
  });
  if (published) {
    const shown = { runId, table: loaded.job.publish.table, json: options.json ?? false };
    printPublished(terminal, shown, { place, ...published });
    return 0;
  }
  return runCommand(terminal, loaded.job.job, 'publish', { ...options, asOf, trigger: 'retry' });
}

type Result = { readonly place: string; readonly rows: number };

function printPublished(
  terminal: Terminal,
  { runId, table, json }: { readonly runId: string; readonly table: string; readonly json: boolean },
  result: Result,
): void {
  const { rows, place } = result;
  if (json) terminal.print(JSON.stringify({ schemaVersion: 1, run: { id: runId, status: 'published' }, ...result }));
  else terminal.print(`Wrote ${formatCount(rows)} tags to ${table} (${place}): ${runId} is published.`);
}
