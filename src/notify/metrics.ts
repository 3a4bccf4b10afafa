import { Gauge, Registry } from 'prom-client';

/** One value with its labels. */
export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** A metric of one name, with all its values. */
export type Metric = { readonly name: MetricName; readonly samples: readonly Sample[] };

/** Every metric: its labels and what it says. */
const metrics = {
  segtag_last_success_timestamp_seconds: [['job'], 'When the tags were last made what they should be.'],
  segtag_last_run_timestamp_seconds: [['job'], 'When the newest run started.'],
  segtag_last_run_status: [['job', 'status'], 'Always 1: the status of the newest run.'],
  segtag_runs: [['job', 'status'], 'Runs in the run store.'],
  segtag_stage_duration_seconds: [['job', 'stage'], 'How long each stage of the newest computed run took.'],
  segtag_rows: [['job', 'kind'], 'Customers of the newest computed run: extracted, invalid, entered, moved, left, …'],
  segtag_segment_customers: [['job', 'segment'], 'Customers of each segment at the last success.'],
  segtag_guard_tripped: [
    ['job', 'guard', 'verdict'],
    'Always 1: a guard that held, or warned of, the newest computed run.',
  ],
  segtag_lease_age_seconds: [['job'], 'How long the run that is going on has held its lease.'],
  segtag_lease_expired: [['job'], '1 while the run that holds the lease shows no sign of life.'],
  segtag_consumer_lag_changes: [['job', 'consumer'], 'Changes that a reader of the feed has not acknowledged.'],
  segtag_consumer_lag_seconds: [['job', 'consumer'], 'Age of the oldest change that a reader has not acknowledged.'],
  segtag_alert_since_timestamp_seconds: [['job', 'condition'], 'Since when a condition lasts that was told.'],
} as const satisfies Record<`segtag_${string}`, readonly [labels: readonly string[], help: string]>;

export type MetricName = keyof typeof metrics;

/** The metrics in Prometheus text form. Metrics without a value are named all the same. */
export function metricsText(given: readonly Metric[]): Promise<string> {
  const registry = new Registry();
  for (const [name, [labels, help]] of Object.entries(metrics)) {
    const gauge = new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
    const samples = given.filter((metric) => metric.name === name).flatMap((metric) => metric.samples);
    for (const { labels: of, value } of samples) gauge.set({ ...of }, value);
  }
  return registry.metrics();
}
