import { overdueSlot } from '../../analysis/decide/overdue.ts';
import { slotsBetween } from '../../analysis/decide/due-slots.ts';
import type { Job } from '../../job/schema.ts';
import type { LeaseHolder } from '../../staging/runs/lease.ts';
import type { RunStatus } from '../../staging/runs/run-record.ts';
import { succeededAt, type ConsumerLag } from '../../staging/runs/outcomes.ts';
import type { Staging } from '../../staging/staging.ts';

/** How a job stands, by its schedule and the run store alone. Instants are ISO 8601 in UTC. */
export type JobStanding = {
  readonly job: string;
  readonly lastSuccess: { readonly runId: string; readonly at: string } | null;
  readonly lastRun: {
    readonly runId: string;
    readonly status: RunStatus;
    readonly startedAt: string;
    readonly errorCode: string | null;
  } | null;
  readonly nextDue: string | null;
  /** Runs that wait for a decision. */
  readonly waiting: readonly { readonly runId: string; readonly status: RunStatus }[];
  readonly lease: LeaseHolder | null;
  readonly consumers: readonly (ConsumerLag & { readonly behind: boolean })[];
  /** The slot that the job owes; null when it owes none or has no schedule. */
  readonly overdueSince: string | null;
};

const yearMs = 366 * 86_400_000;
const recentRuns = 20;

/** Looks up how a job stands; one that never succeeded owes what was due since `since`, or ever. Writes nothing. */
export async function standingOf(staging: Staging, job: Job, now: Date, since?: Date): Promise<JobStanding> {
  const runs = await staging.listRuns({ job: job.job, limit: recentRuns });
  const success = await staging.lastSuccess(job.job);
  const at = success ? succeededAt(success) : null;
  const [lastRun] = runs;
  const { schedule } = job;
  const [next] = schedule ? slotsBetween(schedule, now, new Date(now.getTime() + yearMs), 1) : [];
  const owed = schedule ? overdueSlot(schedule, at === null ? (since ?? null) : new Date(at), now) : null;
  const leases = await staging.leaseHolders();
  return {
    job: job.job,
    lastSuccess: success && at !== null ? { runId: success.runId, at } : null,
    lastRun: lastRun
      ? {
          runId: lastRun.runId,
          status: lastRun.status,
          startedAt: lastRun.startedAt,
          errorCode: lastRun.errorCode,
        }
      : null,
    nextDue: next?.scheduledAt.toISOString() ?? null,
    waiting: runs
      .filter(({ status }) => status === 'held' || status === 'planned')
      .map(({ runId, status }) => ({ runId, status })),
    lease: leases.find((lease) => lease.job === job.job) ?? null,
    consumers: await lagsOf(staging, job, now),
    overdueSince: owed?.toISOString() ?? null,
  };
}

async function lagsOf(staging: Staging, job: Job, now: Date): Promise<JobStanding['consumers']> {
  const { names, max_changes: maxChanges, max_hours: maxHours } = job.publish.consumers ?? {};
  return (await staging.consumerLags(job.job, names)).map((lag) => {
    const hours = lag.oldestAt === null ? 0 : (now.getTime() - Date.parse(lag.oldestAt)) / 3_600_000;
    const behind =
      lag.changes > (maxChanges ?? Number.POSITIVE_INFINITY) || hours > (maxHours ?? Number.POSITIVE_INFINITY);
    return { ...lag, behind };
  });
}
