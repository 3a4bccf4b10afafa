import type { Metric, MetricName, Sample } from '../../notify/metrics.ts';
import type { RunRecord } from '../../staging/runs/run-record.ts';
import { succeededAt } from '../../staging/runs/outcomes.ts';
import type { Staging } from '../../staging/staging.ts';
import type { RunSummary } from '../summary.ts';

/** Runs that are looked through for the newest computed one. */
const recentRuns = 10;

/** What the run store says of every job, as metrics: any host may write them, and a failure takes nothing away. */
export async function collectMetrics(staging: Staging, now: Date): Promise<Metric[]> {
  const perJob = await Promise.all((await staging.knownJobs()).map((job) => jobMetrics(staging, job, now)));
  const leases = await staging.leaseHolders();
  return [
    ...perJob.flat(),
    metric(
      'segtag_runs',
      (await staging.runsByStatus()).map(({ job, status, runs }) => [{ job, status }, runs]),
    ),
    metric(
      'segtag_lease_age_seconds',
      leases.map(({ job, ageMs }) => [{ job }, ageMs / 1000]),
    ),
    metric(
      'segtag_lease_expired',
      leases.map(({ job, expired }) => [{ job }, Number(expired)]),
    ),
    metric(
      'segtag_alert_since_timestamp_seconds',
      (await staging.activeAlerts()).map(({ job, alert, sinceMs }) => [
        { job, condition: alert },
        (sinceMs ?? 0) / 1000,
      ]),
    ),
  ];
}

async function jobMetrics(staging: Staging, job: string, now: Date): Promise<Metric[]> {
  const runs = await staging.listRuns({ job, limit: recentRuns });
  const success = await staging.lastSuccess(job);
  const lags = await staging.consumerLags(job);
  const computed = runs.find(({ counts }) => Object.keys(counts).length > 0);
  const newest = runs.slice(0, 1);
  return [
    metric('segtag_last_success_timestamp_seconds', success ? [[{ job }, seconds(succeededAt(success))]] : []),
    metric(
      'segtag_last_run_timestamp_seconds',
      newest.map(({ startedAt }) => [{ job }, seconds(startedAt)]),
    ),
    metric(
      'segtag_last_run_status',
      newest.map(({ status }) => [{ job, status }, 1]),
    ),
    ...(computed ? computedMetrics(job, computed) : []),
    metric(
      'segtag_segment_customers',
      (summaryOf(success)?.segments ?? []).map(({ segment, customers }) => [{ job, segment }, customers]),
    ),
    metric(
      'segtag_consumer_lag_changes',
      lags.map(({ consumer, changes }) => [{ job, consumer }, changes]),
    ),
    metric(
      'segtag_consumer_lag_seconds',
      lags.map(({ consumer, oldestAt }) => [
        { job, consumer },
        oldestAt === null ? 0 : now.getTime() / 1000 - seconds(oldestAt),
      ]),
    ),
  ];
}

function computedMetrics(job: string, run: RunRecord): Metric[] {
  const guards = summaryOf(run)?.guards ?? [];
  const tripped = guards.filter(({ verdict }) => verdict === 'held' || verdict === 'warned');
  return [
    metric(
      'segtag_stage_duration_seconds',
      Object.entries(run.timings).map(([stage, ms]) => [{ job, stage }, ms / 1000]),
    ),
    metric(
      'segtag_rows',
      Object.entries(run.counts).map(([kind, rows]) => [{ job, kind }, rows]),
    ),
    metric(
      'segtag_guard_tripped',
      tripped.map(({ guard, verdict }) => [{ job, guard, verdict }, 1]),
    ),
  ];
}

function metric(name: MetricName, samples: readonly (readonly [Sample['labels'], number])[]): Metric {
  return { name, samples: samples.map(([labels, value]) => ({ labels, value })) };
}

function summaryOf(run: RunRecord | null): RunSummary | null {
  return (run?.summary ?? null) as RunSummary | null;
}

function seconds(instant: string): number {
  return Date.parse(instant) / 1000;
}
