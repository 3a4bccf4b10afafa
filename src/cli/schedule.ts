import { slotsBetween, type DueSlot } from '../analysis/decide/due-slots.ts';
import { jitterMs } from '../analysis/decide/jitter.ts';
import { SegtagError } from '../errors.ts';
import { formatDay } from '../frame/day.ts';
import { programFile } from '../installation.ts';
import { loadJob, loadJobs, type LoadedJob } from '../job/load-job.ts';
import type { Schedule } from '../job/schema.ts';
import { createLogger } from '../log.ts';
import type { Logger } from '../logger.ts';
import { watchJobs, type WatchOptions } from '../pipeline/telling/watch.ts';
import { runDue, type DueOptions, type ScheduledJob } from '../schedule/run-due.ts';
import { runSchedule } from '../schedule/run-schedule.ts';
import { repeat } from '../schedule/watch.ts';
import { openStaging } from '../staging/staging.ts';
import { interruptible } from './interruption.ts';
import { readDay } from './as-of.ts';
import { openProject, type GlobalOptions, type Project } from './project.ts';
import { formatTable } from './text/table.ts';
import { tellingOf } from './telling.ts';
import type { Terminal } from './terminal.ts';

const graceMs = 4000;
/** With the lease's minute, a dead run is noticed within two. */
const watchMs = 30_000;
const dayMs = 86_400_000;

/** `segtag schedule run`: starts the jobs that have a schedule at their times, until SIGTERM or SIGINT. */
export async function scheduleRunCommand(options: GlobalOptions): Promise<number> {
  const project = openProject(options);
  const jobs = scheduledJobs(project);
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGTERM', stop).once('SIGINT', stop);
  const due = dueOptions(project, controller.signal);
  const watch = watchOptions(project, loadJobs(project.directory), due.log);
  repeat(() => watchJobs(watch), { everyMs: watchMs, signal: controller.signal, log: due.log });
  await runSchedule({ jobs, ...due });
  return 0;
}

/** `segtag run --due`: runs what is due and ends; for cron, systemd timers and Kubernetes. Exits as the first run that failed. */
export async function runDueCommand(job: string | undefined, options: GlobalOptions): Promise<number> {
  const project = openProject(options);
  const jobs = scheduledJobs(project, job);
  return interruptible(async (signal) => {
    const exits: number[] = [];
    const due = dueOptions(project, signal);
    for (const each of jobs) exits.push(...(await runDue(each, due)));
    const names = job === undefined ? undefined : [job];
    await watchJobs(watchOptions(project, loadJobs(project.directory, names), due.log));
    return exits.find((exit) => exit !== 0) ?? 0;
  });
}

/** `segtag schedule list`: the jobs that have a schedule, with their next times. */
export function scheduleListCommand(terminal: Terminal, options: GlobalOptions): number {
  const rows = scheduledJobs(openProject(options)).map(({ job, schedule }) => {
    const [next] = slotsBetween(schedule, new Date(), new Date(Date.now() + 366 * dayMs), 1);
    return { job, cron: schedule.cron, timezone: schedule.timezone, next: next?.scheduledAt.toISOString() ?? null };
  });
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, jobs: rows }));
  else {
    const titles = ['Job', 'Cron', 'Time zone', 'Next (UTC)'].map((title) => ({ title, align: 'left' }) as const);
    terminal.print(
      formatTable(
        titles,
        rows.map((row) => [row.job, row.cron, row.timezone, row.next ?? 'never']),
        terminal.width,
      ),
    );
  }
  return 0;
}

/** `segtag schedule preview <job>`: the next times, and which of them clocks move or skip. */
export function schedulePreviewCommand(
  terminal: Terminal,
  jobName: string,
  options: GlobalOptions & { readonly nights: number; readonly from?: string },
): number {
  const from =
    options.from === undefined ? new Date() : new Date(`${formatDay(readDay(options.from, '--from'))}T00:00:00Z`);
  const schedule = scheduleOf(openProject(options), jobName);
  const until = new Date(from.getTime() + options.nights * dayMs);
  const every = slotsBetween({ ...schedule, dst: 'run_next_valid' }, from, until);
  const slots = every.map(({ scheduledAt, asOf, shifted }) => ({
    as_of: formatDay(asOf),
    scheduled_at: scheduledAt.toISOString(),
    local: localTime(scheduledAt, schedule.timezone),
    starts_at: startOf(jobName, scheduledAt, schedule),
    note: noteOf(shifted, schedule),
  }));
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, job: jobName, slots }));
  else {
    const titles = ['As of', 'Local time', 'Starts (UTC)', 'Note'].map((title) => ({ title, align: 'left' }) as const);
    terminal.print(
      formatTable(
        titles,
        slots.map((slot) => [slot.as_of, slot.local, slot.starts_at, slot.note]),
        terminal.width,
      ),
    );
  }
  return 0;
}

function startOf(job: string, scheduledAt: Date, { jitter_minutes: minutes }: Schedule): string {
  return new Date(scheduledAt.getTime() + jitterMs(job, scheduledAt, minutes)).toISOString();
}

function noteOf(shifted: boolean, { dst }: Schedule): string {
  if (!shifted) return '';
  return dst === 'skip' ? 'skipped: clocks jump over this time' : 'moved: clocks jump over the wanted time';
}

function localTime(instant: Date, timezone: string): string {
  const parts = { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' } as const;
  return new Intl.DateTimeFormat('sv-SE', parts).format(instant);
}

function scheduleOf(project: Project, jobName: string): Schedule {
  const { job } = loadJob(project.directory, jobName);
  return job.schedule ?? refuseUnscheduled(`jobs/${jobName}.yaml`, 'This job has no schedule.');
}

function scheduledJobs(project: Project, only?: string): ScheduledJob[] {
  const jobs = loadJobs(project.directory, only === undefined ? undefined : [only]).flatMap(
    ({ job }): ScheduledJob[] => {
      const { schedule, publish, ready } = job;
      const newestTaken = async (): Promise<Date | null> => {
        const staging = await openStaging(project.connection(publish.connection));
        try {
          await staging.requireMigrated(publish.table);
          const newest = await staging.newestSlot(job.job);
          return newest === null ? null : new Date(newest);
        } finally {
          await staging.close();
        }
      };
      return schedule ? [{ job: job.job, schedule, newestTaken, waitMs: ready?.wait_up_to ?? 0 }] : [];
    },
  );
  return jobs.length > 0 ? jobs : refuseUnscheduled('jobs/', 'No job has a schedule.');
}

/** Throws E_NOT_FOUND with the way to a schedule. */
export function refuseUnscheduled(where: string, what: string): never {
  throw new SegtagError('E_NOT_FOUND', {
    where,
    what,
    remedy: "Give it one, such as schedule: { cron: '0 2 * * *', timezone: Europe/Lisbon }.",
  });
}

function dueOptions(project: Project, signal: AbortSignal): DueOptions {
  const global = ['-C', project.directory, '--target', project.target.name, '--log-format', 'json'];
  return {
    signal,
    graceMs,
    now: () => new Date(),
    log: createLogger(process.stderr),
    commandOf: (job, slot) => [
      process.execPath,
      ...process.execArgv,
      programFile('main'),
      ...global,
      'run',
      job,
      ...slotOptions(slot),
    ],
  };
}

function watchOptions(project: Project, jobs: readonly LoadedJob[], log: Logger): WatchOptions {
  return {
    jobs,
    target: project.target.name,
    crmOf: ({ job }) => project.connection(job.publish.connection),
    tellingOf: (loaded) => tellingOf(project, loaded),
    since: new Date(),
    now: () => new Date(),
    log,
  };
}

function slotOptions({ scheduledAt, trigger }: DueSlot): string[] {
  return ['--slot', scheduledAt.toISOString(), '--trigger', trigger];
}
