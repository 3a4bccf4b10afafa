import { loadJob, loadJobs } from '../job/load-job.ts';
import { approveRun, rejectRun } from '../pipeline/decision.ts';
import { openStaging, type Staging } from '../staging/staging.ts';
import { formatCount } from './numbers.ts';
import { openProject, type GlobalOptions, type Project } from './project.ts';
import type { Terminal } from './terminal.ts';

/** `segtag migrate`: creates or upgrades the staging tables of every job, once per CRM connection. */
export async function migrateCommand(terminal: Terminal, options: GlobalOptions): Promise<number> {
  const project = openProject(options);
  const tables = new Map<string, Set<string>>();
  for (const { job } of loadJobs(project.directory)) {
    const { connection, table } = job.publish;
    tables.set(connection, (tables.get(connection) ?? new Set()).add(table));
  }
  const results = [];
  for (const [connection, names] of tables) {
    const result = await withStaging(project, connection, async (staging) => ({
      connection,
      place: staging.place,
      ...(await staging.migrate([...names])),
    }));
    results.push(result);
  }
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, migrations: results }));
  for (const { place, applied } of options.json ? [] : results) {
    const what = applied.length === 0 ? 'nothing to do, the tables are up to date' : `applied ${applied.join(', ')}`;
    terminal.print(`${place}: ${what}.`);
  }
  return 0;
}

export type DecisionOptions = GlobalOptions & { readonly connection: string; readonly allowOlder?: boolean };

/** `segtag approve <run>`: publishes a planned or held run as it was computed. */
export async function approveCommand(terminal: Terminal, runId: string, options: DecisionOptions): Promise<number> {
  const project = openProject(options);
  const jobName = runId.replace(/-\d{8}T\d{6}Z-[a-z2-7]{4}$/, '');
  const loaded = loadJob(project.directory, jobName);
  const result = await withStaging(project, loaded.job.publish.connection, async (staging) => ({
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
  await withStaging(openProject(options), options.connection, (staging) => rejectRun(staging, runId));
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, run: { id: runId, status: 'rejected' } }));
  else terminal.print(`Rejected ${runId}. Nothing was written to the tags.`);
  return 0;
}

async function withStaging<Result>(
  project: Project,
  connection: string,
  work: (staging: Staging) => Promise<Result>,
): Promise<Result> {
  const staging = await openStaging(project.connection(connection));
  try {
    return await work(staging);
  } finally {
    await staging.close();
  }
}
