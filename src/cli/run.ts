import { join } from 'node:path';
import { formatDay } from '../frame/day.ts';
import { loadJob } from '../job/load-job.ts';
import { silentLogger, type Logger } from '../logger.ts';
import type { Progress, RunContext, StageName } from '../pipeline/context.ts';
import { reportAhead } from '../pipeline/nights/report-ahead.ts';
import { newRunId } from '../pipeline/run-id.ts';
import { runJob } from '../pipeline/run.ts';
import { hideCustomers, type RunSummary } from '../pipeline/summary.ts';
import { chooseAsOf } from './as-of.ts';
import { reportFailure } from './failure.ts';
import { interruptible } from './interruption.ts';
import { openProject, type GlobalOptions } from './project.ts';
import { silentProgress, toldProgress } from './progress.ts';
import { withParams } from './set-params.ts';
import { formatSummary } from './text/summary.ts';
import { tellingOf } from './telling.ts';
import type { Terminal } from './terminal.ts';

export type RunOptions = GlobalOptions & {
  readonly asOf?: string;
  readonly set: readonly string[];
  readonly showIds?: boolean;
  readonly allowOlder?: boolean;
  readonly holdOk?: boolean;
  readonly detailedExitcode?: boolean;
  readonly threads?: number;
  readonly trigger: RunContext['trigger'];
  /** ISO 8601: the time of the schedule that this run is for. */
  readonly slot?: string;
};

/** `segtag run` and `segtag plan`: one night of a job. Returns the exit code. */
export async function runCommand(
  terminal: Terminal,
  jobName: string,
  mode: RunContext['mode'],
  options: RunOptions,
): Promise<number> {
  const project = openProject(options);
  const loaded = withParams(loadJob(project.directory, jobName), options.set);
  const runId = newRunId(loaded.job.job, new Date());
  const slot = options.slot === undefined ? undefined : new Date(options.slot);
  const asOf = chooseAsOf(project, loaded, options.asOf, slot ?? new Date());
  const human = options.logFormat === 'human';
  const told = human ? toldProgress(terminal) : undefined;
  const { progress, currentStage } = watched(told?.progress ?? silentProgress);
  const lineFields = (): Readonly<Record<string, unknown>> => ({
    run_id: runId,
    job: loaded.job.job,
    stage: currentStage() ?? 'start',
    slot: slot?.toISOString() ?? null,
  });
  const log = human ? silentLogger : (await import('../log.ts')).createLogger(process.stderr, lineFields);
  const ahead = reportAhead();
  if (human) terminal.say(`run ${runId} · as of ${formatDay(asOf)} · target ${project.target.name}`);
  try {
    const summary = await interruptible((signal) =>
      runJob({
        projectDir: project.directory,
        reportFolder: join(project.directory, 'reports'),
        reportAhead: ahead,
        loaded,
        target: project.target.name,
        warehouse: project.connection(loaded.job.source.connection),
        crm: project.connection(loaded.job.publish.connection),
        runId,
        asOf,
        trigger: options.trigger,
        ...(slot ? { slot } : {}),
        mode,
        allowOlder: options.allowOlder ?? false,
        now: () => new Date(),
        signal,
        progress,
        currentStage,
        telling: tellingOf(project, loaded),
        log,
        ...(options.threads === undefined ? {} : { threads: options.threads }),
      }),
    ).finally(async () => {
      told?.stop();
      await ahead.close();
    });
    logResult(log, summary);
    showResult(terminal, summary, options);
    return exitCodeOf(summary.run.status, options);
  } catch (error) {
    return await reportFailure(terminal, error, options, log);
  }
}

function showResult(terminal: Terminal, summary: RunSummary, { json, showIds = false }: RunOptions): void {
  const shown = showIds ? summary : hideCustomers(summary);
  if (json) terminal.print(JSON.stringify(shown));
  else terminal.print(`\n${formatSummary(shown, { width: terminal.width, showIds })}`);
}

/** The progress, and the stage that it has come to. */
function watched(progress: Progress): { progress: Progress; currentStage: () => StageName | undefined } {
  let current: StageName | undefined;
  const started = (stage: StageName): void => {
    current = stage;
    progress.started(stage);
  };
  return { progress: { ...progress, started }, currentStage: () => current };
}

function exitCodeOf(status: RunSummary['run']['status'], { holdOk, detailedExitcode }: RunOptions): number {
  if (status === 'held' && !holdOk) return 5;
  return status === 'planned' && detailedExitcode ? 10 : 0;
}

function logResult(log: Logger, { run, counts }: RunSummary): void {
  log.info(`run ${run.status}`, { status: run.status, as_of: run.as_of, counts });
}
