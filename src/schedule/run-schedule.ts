import { once } from 'node:events';
import cron from 'node-cron';
import { runDue, type DueOptions, type ScheduledJob } from './run-due.ts';

export type ScheduleOptions = DueOptions & {
  readonly jobs: readonly ScheduledJob[];
  /** When to look for due slots: a cron expression, each minute unless a test wants it faster. */
  readonly wakeAt?: string;
};

/**
 * Wakes each minute and runs what is due, each job one run at a time, until the signal aborts; then
 * it passes SIGTERM on to the runs and waits for them. node-cron only wakes: which slots are due is
 * decided from the schedule and from what the database says was taken.
 */
export async function runSchedule({ jobs, wakeAt = '* * * * *', ...options }: ScheduleOptions): Promise<void> {
  const { log, signal } = options;
  const busy = new Map<string, Promise<unknown>>();
  const look = (scheduled: ScheduledJob): void => {
    const { job } = scheduled;
    if (busy.has(job) || signal.aborted) return;
    const work = runDue(scheduled, options)
      .catch((error: unknown) => log.error('could not look for due runs', { job, cause: String(error) }))
      .finally(() => busy.delete(job));
    busy.set(job, work);
  };
  const wake = (): void => jobs.forEach(look);
  log.info('schedule started', { jobs: jobs.map(({ job }) => job) });
  const alarm = cron.schedule(wakeAt, wake);
  wake();
  if (!signal.aborted) await once(signal, 'abort');
  log.info('schedule stops', { running: [...busy.keys()] });
  await alarm.stop();
  await Promise.all(busy.values());
  log.info('schedule stopped');
}
