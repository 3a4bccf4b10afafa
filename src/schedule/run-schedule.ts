import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import cron from 'node-cron';
import type { Logger } from '../log.ts';

/** A job that the schedule starts. */
export type ScheduledJob = { readonly job: string; readonly cron: string; readonly timezone: string };

export type ScheduleOptions = {
  readonly jobs: readonly ScheduledJob[];
  /** Command line of a run of the job: program and arguments. */
  readonly commandOf: (job: string) => readonly [string, ...string[]];
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** How long children may take to stop after SIGTERM before they are killed. */
  readonly graceMs: number;
};

/**
 * Wakes for each job at its times and runs it in a child process, one at a time per job, until the
 * signal aborts; then it passes SIGTERM on and waits for the children.
 */
export async function runSchedule({ jobs, commandOf, log, signal, graceMs }: ScheduleOptions): Promise<void> {
  const children = new Map<string, ChildProcess>();
  const tasks = jobs.map(({ job, cron: expression, timezone }) =>
    cron.schedule(expression, () => start(job), { timezone, name: job }),
  );
  const start = (job: string): void => {
    if (children.has(job)) {
      log.warn('still running, this time is skipped', { job });
      return;
    }
    const [program, ...args] = commandOf(job);
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    children.set(job, child);
    log.info('run started', { job, pid: child.pid });
    child.once('error', (error) => log.error('run could not be started', { job, cause: error.message }));
    child.once('exit', (code, by) => {
      children.delete(job);
      const level = code === 0 ? 'info' : 'error';
      log.log(level, 'run ended', { job, pid: child.pid, exit: code, ...(by ? { signal: by } : {}) });
    });
  };
  log.info('schedule started', { jobs: jobs.map(({ job }) => job) });
  if (!signal.aborted) await once(signal, 'abort');
  log.info('schedule stops', { running: [...children.keys()] });
  for (const task of tasks) await task.stop();
  await stopChildren([...children.values()], graceMs);
  log.info('schedule stopped');
}

async function stopChildren(children: readonly ChildProcess[], graceMs: number): Promise<void> {
  const ends = children.map((child) => once(child, 'exit'));
  for (const child of children) child.kill('SIGTERM');
  const patience = setTimeout(() => children.forEach((child) => child.kill('SIGKILL')), graceMs);
  await Promise.all(ends);
  clearTimeout(patience);
}
