import type { Drift } from '../frame/tags.ts';
import { listJobs, loadJob } from '../job/load-job.ts';
import { formatCount } from './text/numbers.ts';
import { openProject } from './project.ts';
import { formatTable } from './text/table.ts';
import type { Terminal } from './terminal.ts';
import { printRestore, repairJob, type RestoreOptions } from './undo.ts';
import { withStore } from './with-staging.ts';

type VerifyOptions = RestoreOptions & { readonly repair?: boolean };

/** `segtag verify [job]`: compares the tags with what runs have written; exit code 9 when they differ. */
export async function verifyCommand(
  terminal: Terminal,
  jobName: string | undefined,
  options: VerifyOptions,
): Promise<number> {
  const project = openProject(options);
  const found: { readonly job: string; readonly drift: Drift }[] = [];
  for (const name of jobName === undefined ? listJobs(project.directory) : [jobName]) {
    const { job, publish } = loadJob(project.directory, name).job;
    const drift = await withStore(project, publish.connection, async (staging) => {
      await staging.requireMigrated(publish.table);
      return staging.findDrift({ job, table: publish.table });
    });
    found.push({ job, drift });
  }
  const showIds = options.showIds ?? false;
  if (options.json)
    terminal.print(JSON.stringify({ schemaVersion: 1, jobs: found.map((each) => shown(each, showIds)) }));
  else terminal.print(asText(found, showIds));
  return found.some(({ drift }) => rowsIn(drift) > 0) ? 9 : 0;
}

/** `segtag verify <job> --repair`: writes what runs have written over rows that say something else, through plan and guards. */
export async function repairCommand(terminal: Terminal, jobName: string, options: VerifyOptions): Promise<number> {
  const project = openProject(options);
  const loaded = loadJob(project.directory, jobName);
  const summary = await withStore(project, loaded.job.publish.connection, (staging) =>
    repairJob(staging, { project, loaded, options }),
  );
  if (summary) return printRestore(terminal, summary, options);
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, run: null }));
  else terminal.print(`Nothing to repair: every row that ${jobName} has written is as it was written.`);
  return 0;
}

type Found = { readonly job: string; readonly drift: Drift };

function rowsIn({ edited, missing, foreign }: Drift): number {
  return edited.length + missing.length + foreign.length;
}

function shown({ job, drift }: Found, showIds: boolean): object {
  const { edited, missing, foreign } = drift;
  const counts = { job, edited: edited.length, missing: missing.length, foreign: foreign.length };
  return showIds ? { ...counts, customer_ids: drift } : counts;
}

function asText(found: readonly Found[], showIds: boolean): string {
  const titles = ['Job', 'Edited', 'Missing', 'Foreign'];
  const columns = titles.map((title, i) => ({ title, align: i === 0 ? 'left' : 'right' }) as const);
  const rows = found.map(({ job, drift: { edited, missing, foreign } }) => [
    job,
    formatCount(edited.length),
    formatCount(missing.length),
    formatCount(foreign.length),
  ]);
  const ids = found.flatMap(({ job, drift }) =>
    (['edited', 'missing', 'foreign'] as const)
      .filter((kind) => showIds && drift[kind].length > 0)
      .map((kind) => `${job}, ${kind}: ${drift[kind].join(', ')}`),
  );
  const drifted = found.filter(({ drift }) => rowsIn(drift) > 0).map(({ job }) => job);
  const last =
    drifted.length === 0
      ? 'Every row says what was published.'
      : `Rows differ from what was published. Nothing was written. Bring them back: ${drifted.map((job) => `segtag verify ${job} --repair`).join(' · ')}`;
  return [formatTable(columns, rows), ...ids, last].join('\n\n');
}
