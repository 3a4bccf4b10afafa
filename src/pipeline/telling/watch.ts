import type { ResolvedConnection } from '../../job/connections-schema.ts';
import type { LoadedJob } from '../../job/load-job.ts';
import type { Logger } from '../../logger.ts';
import { openStaging, type Staging } from '../../staging/staging.ts';
import { seenCrashed, seenInStanding } from './sightings.ts';
import { standingOf } from '../inquiries/job-standing.ts';
import { publishMetrics, tell } from './tell.ts';
import type { Seen, Telling } from './teller.ts';

export type WatchOptions = {
  readonly jobs: readonly LoadedJob[];
  readonly target: string;
  readonly crmOf: (loaded: LoadedJob) => ResolvedConnection;
  readonly tellingOf: (loaded: LoadedJob) => Telling;
  /** A job that never succeeded owes nothing from before this moment. */
  readonly since: Date;
  readonly now: () => Date;
  readonly log: Logger;
};

/** Well below what a run waits: a watch comes again soon. */
const patience = { lockWaitMs: 5000, silenceMs: 10_000 };

/**
 * Looks once at what no run can see of itself: runs that died, jobs that are overdue, readers of the feed
 * that are behind. Dead runs are marked `crashed`; whatever changed is told. Never fails.
 */
export async function watchJobs(options: WatchOptions): Promise<void> {
  const connections = new Set(options.jobs.map(({ job }) => job.publish.connection));
  for (const connection of connections) {
    const jobs = options.jobs.filter(({ job }) => job.publish.connection === connection);
    try {
      await watchConnection(jobs, options);
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      options.log.warn('the jobs could not be looked at', { jobs: jobs.map(({ job }) => job.job), cause });
    }
  }
}

async function watchConnection(jobs: readonly LoadedJob[], options: WatchOptions): Promise<void> {
  const [first] = jobs;
  if (!first) return;
  const staging = await openStaging(options.crmOf(first), patience);
  try {
    await staging.requireMigrated();
    const buried = await staging.buryDeadRuns();
    for (const [job, runId] of buried) options.log.error('run crashed', { job, run_id: runId });
    for (const loaded of jobs) await watchJob(staging, loaded, { ...options, crashed: buried.get(loaded.job.job) });
    if (buried.size > 0) await publishMetrics(staging, { ...options, telling: options.tellingOf(first) });
  } finally {
    await staging.close();
  }
}

async function watchJob(
  staging: Staging,
  loaded: LoadedJob,
  options: WatchOptions & { readonly crashed: string | undefined },
): Promise<void> {
  const { tellingOf, target, now, log, since, crashed } = options;
  const telling = tellingOf(loaded);
  if (telling.channels.length === 0) return;
  const { job } = loaded;
  const standing = await standingOf(staging, job, now(), since);
  const lasting = new Set((await staging.activeAlerts(job.job)).map(({ alert }) => alert));
  // A run tells of its own failure or hold; here these are only looked at again, for their reminders.
  const isNews = ({ active, condition }: Seen): boolean =>
    !active || lasting.has(condition) || (condition !== 'failed' && condition !== 'held');
  const seen = [...(crashed === undefined ? [] : [seenCrashed(crashed)]), ...seenInStanding(standing)];
  await tell(staging, seen.filter(isNews), { loaded, telling, target, now, log });
}
