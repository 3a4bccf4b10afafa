import { loadJobs } from '../job/load-job.ts';
import { openProject, type GlobalOptions } from './project.ts';
import type { Terminal } from './terminal.ts';
import { withStaging } from './with-staging.ts';

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
