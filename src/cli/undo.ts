import { loadJob, type LoadedJob } from '../job/load-job.ts';
import { hideConflictIds, type RestoreSummary } from '../pipeline/decisions/restore-summary.ts';
import { repair, rollBack, type RestoreContext } from '../pipeline/decisions/restore.ts';
import { newRunId } from '../pipeline/run-id.ts';
import type { Staging } from '../staging/staging.ts';
import { decidedBy } from './decided-by.ts';
import { openProject, type GlobalOptions, type Project } from './project.ts';
import { formatRestore } from './text/restore.ts';
import type { Terminal } from './terminal.ts';
import { withStore } from './with-staging.ts';

export type RestoreOptions = GlobalOptions & {
  readonly reason?: string;
  readonly plan?: boolean;
  readonly showIds?: boolean;
  readonly holdOk?: boolean;
};

/** `segtag rollback <job> --to <run>`: brings the tags of an earlier run back. */
export async function rollbackCommand(
  terminal: Terminal,
  jobName: string,
  options: RestoreOptions & { readonly to: string },
): Promise<number> {
  const project = openProject(options);
  const loaded = loadJob(project.directory, jobName);
  const summary = await withStore(project, loaded.job.publish.connection, (staging) =>
    rollBack(contextOf(staging, { project, loaded, options }), options.to),
  );
  return printRestore(terminal, summary, options);
}

/** Writes over what somebody else has written; null when every row is as it should be. */
export function repairJob(
  staging: Staging,
  given: { readonly project: Project; readonly loaded: LoadedJob; readonly options: RestoreOptions },
): Promise<RestoreSummary | null> {
  return repair(contextOf(staging, given));
}

/** Prints what a rollback or repair did; returns the exit code. */
export function printRestore(terminal: Terminal, summary: RestoreSummary, options: RestoreOptions): number {
  const showIds = options.showIds ?? false;
  const shown = showIds ? summary : hideConflictIds(summary);
  if (options.json) terminal.print(JSON.stringify(shown));
  else terminal.print(formatRestore(shown, { width: terminal.width, showIds }));
  return summary.run.status === 'held' && !options.holdOk ? 5 : 0;
}

function contextOf(
  staging: Staging,
  {
    project,
    loaded,
    options,
  }: { readonly project: Project; readonly loaded: LoadedJob; readonly options: RestoreOptions },
): RestoreContext {
  return {
    staging,
    loaded,
    target: project.target.name,
    runId: newRunId(loaded.job.job, new Date()),
    mode: options.plan ? 'plan' : 'publish',
    decidedBy: decidedBy(),
    reason: options.reason?.trim() || null,
    now: () => new Date(),
  };
}
