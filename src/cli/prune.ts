import { listJobs, loadJob } from '../job/load-job.ts';
import { pruneJob } from '../pipeline/decisions/prune.ts';
import type { Pruned } from '../staging/prune.ts';
import { interruptible } from './interruption.ts';
import { formatCount } from './text/numbers.ts';
import { openProject, type GlobalOptions } from './project.ts';
import { formatTable } from './text/table.ts';
import type { Terminal } from './terminal.ts';
import { withStore } from './with-staging.ts';

type PruneOptions = GlobalOptions & { readonly olderThan?: number; readonly dryRun?: boolean };

/** `segtag prune [job]`: removes the history that no rollback to a kept run needs. */
export async function pruneCommand(
  terminal: Terminal,
  jobName: string | undefined,
  options: PruneOptions,
): Promise<number> {
  const project = openProject(options);
  const dryRun = options.dryRun ?? false;
  const jobs = (jobName === undefined ? listJobs(project.directory) : [jobName]).map((name) =>
    loadJob(project.directory, name),
  );
  const pruned: Pruned[] = [];
  await interruptible(async (signal) => {
    const age = options.olderThan === undefined ? {} : { olderThanDays: options.olderThan };
    for (const loaded of jobs)
      pruned.push(
        await withStore(project, loaded.job.publish.connection, (staging) =>
          pruneJob(staging, loaded, { ...age, dryRun, now: new Date(), signal }),
        ),
      );
  });
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, dryRun, jobs: pruned }));
  else terminal.print(asText(pruned, dryRun));
  return 0;
}

function asText(pruned: readonly Pruned[], dryRun: boolean): string {
  const titles = ['Job', 'Oldest run kept', 'Changes', 'Models', 'Runs', 'Slots', 'Feed floor'];
  const columns = titles.map((title, i) => ({ title, align: i < 2 ? 'left' : 'right' }) as const);
  const rows = pruned.map(({ job, oldestKept, changes, models, runs, slots, floor }) => [
    job,
    oldestKept ?? '(all)',
    ...[changes, models, runs, slots, floor].map(formatCount),
  ]);
  const below = [...new Set(pruned.flatMap(({ consumersBelow }) => consumersBelow))];
  const warning =
    below.length === 0
      ? []
      : [`Consumers that have come less far than the floor must read the tags anew: ${below.join(', ')}`];
  const last = dryRun ? 'Nothing was removed (--dry-run).' : 'Removed. No tag was changed.';
  return [formatTable(columns, rows), ...warning, last].join('\n\n');
}
