import { fileURLToPath } from 'node:url';
import { SegtagError } from '../errors.ts';
import { loadJobs } from '../job/load-job.ts';
import { createLogger } from '../log.ts';
import { runSchedule, type ScheduledJob } from '../schedule/run-schedule.ts';
import { openProject, type GlobalOptions } from './project.ts';

const graceMs = 4000;

/** `segtag schedule run`: starts the jobs that have a schedule at their times, until SIGTERM or SIGINT. */
export async function scheduleRunCommand(options: GlobalOptions): Promise<number> {
  const project = openProject(options);
  const jobs = loadJobs(project.directory).flatMap(({ job }): ScheduledJob[] =>
    job.schedule ? [{ job: job.job, cron: job.schedule.cron, timezone: job.schedule.timezone }] : [],
  );
  if (jobs.length === 0) {
    throw new SegtagError('E_NOT_FOUND', {
      where: 'jobs/',
      what: 'No job has a schedule.',
      remedy: "Give one a schedule, such as schedule: { cron: '0 2 * * *', timezone: Europe/Lisbon }.",
    });
  }
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGTERM', stop).once('SIGINT', stop);
  const global = ['-C', project.directory, '--target', project.target.name, '--log-format', 'json'];
  await runSchedule({
    jobs,
    commandOf: (job) => [
      process.execPath,
      ...process.execArgv,
      mainFile(),
      ...global,
      'run',
      job,
      '--trigger',
      'schedule',
    ],
    log: createLogger(process.stderr),
    signal: controller.signal,
    graceMs,
  });
  return 0;
}

/** The executable: compiled beside this file's folder, or TypeScript in development. */
function mainFile(): string {
  const suffix = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../main.${suffix}`, import.meta.url));
}
