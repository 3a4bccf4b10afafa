import { loadJob } from '../job/load-job.ts';
import { approveRun, rejectRun } from '../pipeline/decision.ts';
import { formatCount } from './numbers.ts';
import { openProject } from './project.ts';
import type { Terminal } from './terminal.ts';
import { withStore, type StoreOptions } from './with-staging.ts';

type DecisionOptions = StoreOptions & { readonly allowOlder?: boolean };

/** `segtag approve <run>`: publishes a planned or held run as it was computed. */
export async function approveCommand(terminal: Terminal, runId: string, options: DecisionOptions): Promise<number> {
  const project = openProject(options);
  const jobName = runId.replace(/-\d{8}T\d{6}Z-[a-z2-7]{4}$/, '');
  const loaded = loadJob(project.directory, jobName);
  const result = await withStore(project, loaded.job.publish.connection, async (staging) => ({
    place: staging.place,
    ...(await approveRun(staging, loaded, runId, { now: new Date(), allowOlder: options.allowOlder ?? false })),
  }));
  const { rows, place } = result;
  if (options.json)
    terminal.print(JSON.stringify({ schemaVersion: 1, run: { id: runId, status: 'published' }, ...result }));
  else
    terminal.print(`Wrote ${formatCount(rows)} tags to ${loaded.job.publish.table} (${place}): ${runId} is published.`);
  return 0;
}

/** `segtag reject <run>`: closes a planned or held run; its changes are dropped. */
export async function rejectCommand(terminal: Terminal, runId: string, options: DecisionOptions): Promise<number> {
  await withStore(openProject(options), options.connection, (staging) => rejectRun(staging, runId));
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, run: { id: runId, status: 'rejected' } }));
  else terminal.print(`Rejected ${runId}. Nothing was written to the tags.`);
  return 0;
}
