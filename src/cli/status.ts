import { listJobs, loadJobs } from '../job/load-job.ts';
import { standingOf, type JobStanding } from '../pipeline/inquiries/job-standing.ts';
import { formatCount } from './text/numbers.ts';
import { openProject, type GlobalOptions } from './project.ts';
import { formatTable } from './text/table.ts';
import type { Terminal } from './terminal.ts';
import { withStore } from './with-staging.ts';

export type StatusOptions = GlobalOptions & { readonly check?: boolean };

const overdueExit = 9;

/** `segtag status [job…]`: how each job stands, by its schedule and the run store alone; writes nothing. */
export async function statusCommand(
  terminal: Terminal,
  names: readonly string[],
  options: StatusOptions,
): Promise<number> {
  const project = openProject(options);
  const standings: JobStanding[] = [];
  for (const { job } of loadJobs(project.directory, names.length === 0 ? listJobs(project.directory) : names))
    standings.push(await withStore(project, job.publish.connection, (staging) => standingOf(staging, job, new Date())));
  const overdue = standings.filter(({ overdueSince }) => overdueSince !== null).map(({ job }) => job);
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, overdue, jobs: standings }));
  else print(terminal, standings, overdue);
  return options.check && overdue.length > 0 ? overdueExit : 0;
}

function print(terminal: Terminal, standings: readonly JobStanding[], overdue: readonly string[]): void {
  const titles = ['Job', 'Last success', 'Newest run', 'Next due', 'Waiting', 'Running', 'Verdict'];
  const columns = titles.map((title) => ({ title, align: 'left', isWhole: title === 'Job' }) as const);
  terminal.print(formatTable(columns, standings.map(lineOf), terminal.width));
  for (const line of standings.flatMap(detailsOf)) terminal.print(line);
  terminal.print(overdue.length === 0 ? 'No job is overdue.' : `Overdue: ${overdue.join(', ')}.`);
}

function lineOf({ job, lastSuccess, lastRun, nextDue, waiting, lease, overdueSince }: JobStanding): string[] {
  return [
    job,
    shortInstant(lastSuccess?.at),
    lastRun ? `${lastRun.status}${lastRun.errorCode === null ? '' : ` ${lastRun.errorCode}`}` : 'none',
    nextDue === null ? 'no schedule' : shortInstant(nextDue),
    waiting.length === 0 ? '–' : formatCount(waiting.length),
    lease === null ? '–' : lease.expired ? 'no sign of life' : `for ${Math.round(lease.ageMs / 1000)}s`,
    overdueSince === null ? 'ok' : `overdue since ${shortInstant(overdueSince)}`,
  ];
}

function detailsOf({ waiting, lease, consumers }: JobStanding): string[] {
  return [
    ...waiting.map(({ runId, status }) => `  ${runId} is ${status} and waits: segtag show ${runId}`),
    ...(lease === null ? [] : [`  ${lease.runId} runs on ${lease.holder} since ${lease.acquiredAt}`]),
    ...consumers
      .filter(({ changes }) => changes > 0)
      .map(
        ({ consumer, changes, oldestAt, behind }) =>
          `  ${consumer} has ${formatCount(changes)} changes to take, the oldest of ${oldestAt ?? '–'}${behind ? ': too far behind' : ''}`,
      ),
  ];
}

function shortInstant(instant: string | undefined): string {
  return instant === undefined ? 'never' : `${instant.slice(0, 16).replace('T', ' ')} UTC`;
}
