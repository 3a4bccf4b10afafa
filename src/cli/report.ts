import { join, resolve } from 'node:path';
import { readNight } from '../pipeline/nights/night-report.ts';
import { contentOf, tablesOf } from '../report/content.ts';
import { csvOf } from '../report/csv.ts';
import { renderReport } from '../report/render.ts';
import { writeReportFile } from '../report/write.ts';
import { openProject } from './project.ts';
import type { Terminal } from './terminal.ts';
import { withStore, type StoreOptions } from './with-staging.ts';

type ReportOptions = StoreOptions & { readonly out?: string; readonly csv?: string; readonly showIds?: boolean };

/** `segtag report <run>`: the report of a run once more, from what the run store keeps. Returns the exit code. */
export async function reportCommand(terminal: Terminal, runId: string, options: ReportOptions): Promise<number> {
  const project = openProject(options);
  const night = await withStore(project, options.connection, (staging) =>
    readNight(staging, runId, { showIds: options.showIds ?? false }),
  );
  const path = options.out ?? `reports/${night.job}/${runId}.html`;
  writeReportFile(options.out === undefined ? resolve(project.directory, path) : resolve(path), renderReport(night));
  const tables = options.csv === undefined ? [] : tablesOf(contentOf(night));
  for (const table of tables) writeReportFile(join(resolve(options.csv!), `${table.id}.csv`), csvOf(table));
  terminal.print(
    options.json
      ? JSON.stringify({ schemaVersion: 1, run: runId, report: path, csv: tables.map(({ id }) => `${id}.csv`) })
      : `Wrote the report to ${path}${tables.length > 0 ? `, and ${tables.length} tables to ${options.csv}` : ''}.`,
  );
  return 0;
}
