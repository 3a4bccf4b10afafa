import { finiteWithCodes } from '../frame/rows.ts';
import type { Finding } from '../analysis/decide/checks.ts';
import type { Drift } from '../analysis/decide/change-guards.ts';
import type { Move } from '../analysis/decide/diff.ts';
import type { GuardResult } from '../analysis/decide/guards.ts';
import type { NumericColumn } from '../analysis/matrix.ts';
import { profileClusters, valueShares, type ClusterProfile } from '../analysis/profile.ts';
import type { Agreement } from '../analysis/rules/agreement.ts';
import { formatDay } from '../frame/day.ts';
import type { ChangeKind } from '../frame/tags.ts';
import type { Job } from '../job/schema.ts';
import type { RunStatus } from '../staging/runs/run-record.ts';
import type { Checked } from './stages/check.ts';
import type { Compared } from './stages/compare.ts';
import type { RunContext } from './context.ts';
import type { Extracted, Trend } from './stages/extract.ts';
import { finiteOrNull } from './finite.ts';
import type { Guarded } from './stages/guard.ts';
import type { TreeSummary } from './methods/clustering/explain-tree.ts';
import type { ClusterSummary } from './methods/clustering/name-clusters.ts';
import { lintJob } from './inquiries/lint.ts';
import type { ClusterQuality } from './methods/clustering/cluster-quality.ts';
import type { ScoringSummary, Segmentation } from './methods/segmentation.ts';
import type { Separated } from './stages/outliers.ts';
import type { Planned } from './stages/plan.ts';
import type { Recommended } from './stages/recommend.ts';
import { summariseOffers, type RecommendationSummary } from './stages/recommend-summary.ts';
import { textShares, type TextShares } from './stages/text-shares.ts';
import { valueColumn } from './value-column.ts';

type Statistic = 'mean' | 'median' | 'p10' | 'p90' | 'min' | 'max' | 'pct';

/**
 * One column of a segment, in the column's own units, over the customers that have a finite value; null when none has.
 * `pct` is the percentile, 0..100, of the median among all customers.
 */
type ColumnProfile = Readonly<Record<Statistic, number | null>> & {
  /** Customers whose value is null, NaN or infinite. */
  readonly missing: number;
};

export type SegmentSummary = {
  readonly segment: string;
  readonly name: string;
  readonly campaign: string | null;
  readonly customers: number;
  /** Of all tagged customers, 0..1. */
  readonly share: number;
  /** Of the finite values of the job's first money column, 0..1; null without one. */
  readonly value_share: number | null;
  readonly profile: Readonly<Record<string, ColumnProfile>>;
  /** Of the texts that are features; none without them. */
  readonly shares: TextShares;
  /** Why it has this name, or who is in it; null for outliers. */
  readonly explanation: string | null;
};

export type ChangeSample = {
  /** Absent where ids are hidden. */
  readonly customer_id?: string;
  readonly kind: ChangeKind;
  readonly from: string | null;
  readonly to: string | null;
  /** Holds no value of the customer. */
  readonly reason: string;
  /** The reason with the customer's values; absent where ids are hidden. */
  readonly detail?: string;
};

type RunCounts = {
  readonly extracted: number;
  readonly invalid: number;
  readonly outliers: number;
  readonly dropped: number;
  readonly entered: number;
  readonly moved: number;
  readonly left: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly kept: number;
};

/** What a run found and did; the shape of `--json` and of what the run store keeps. */
export type RunSummary = {
  readonly schemaVersion: 1;
  readonly run: {
    readonly id: string;
    readonly job: string;
    readonly status: RunStatus;
    readonly as_of: string;
    readonly target: string;
    readonly trigger: string;
    readonly base_run: string | null;
    readonly table: string;
    readonly staging: string;
  };
  readonly counts: RunCounts;
  readonly segments: readonly SegmentSummary[];
  /** By cluster number; none where nothing is clustered. */
  readonly clusters: readonly ClusterSummary[];
  /** The segments as a few questions in raw units; null where nothing is clustered. */
  readonly tree: TreeSummary | null;
  /** Null where nothing is clustered. */
  readonly quality: ClusterQuality | null;
  /** How customers were scored; null where they are not. */
  readonly scoring: ScoringSummary | null;
  /** What the job's plain rule says beside the segments, and how far they agree; null where it has none. */
  readonly rule_tag: Agreement | null;
  /** What a person should know of how the customers were segmented. */
  readonly notes: readonly string[];
  readonly removed: readonly { readonly rule: string; readonly rows_in: number; readonly rows_removed: number }[];
  /** Invoices by month, weekday, season and hour, from trends.sql; none without it. */
  readonly trends: readonly Trend[];
  readonly checks: readonly Finding[];
  /** How far the night is from the published one. */
  readonly drift: Drift;
  readonly guards: readonly GuardResult[];
  readonly moves: readonly Move[];
  /** Null where the job recommends nothing. */
  readonly recommendations: RecommendationSummary | null;
  /** A few of the changed customers with the reason. */
  readonly sample: readonly ChangeSample[];
  /** The path of its report in the project; absent where none was written. */
  readonly report?: string;
};

export type SummaryInput = {
  readonly extracted: Extracted;
  readonly checked: Checked;
  readonly separated: Separated;
  readonly segmentation: Segmentation;
  readonly compared: Compared | null;
  readonly planned: Planned;
  readonly guarded: Guarded;
  readonly recommended: Recommended | null;
  readonly sample: readonly ChangeSample[];
  readonly baseRunId: string | null;
  readonly staging: string;
};

/** Statistics over fewer customers than this tell of single ones. */
export const fewCustomers = 5;

/**
 * The summary as it may be shown where customers may not: without ids and values of single customers,
 * to which the least and the greatest of a segment, and every statistic of a handful, belong.
 */
export function hideCustomers(summary: RunSummary): RunSummary {
  return {
    ...summary,
    sample: summary.sample.map(({ customer_id: _, detail: __, ...change }) => change),
    segments: summary.segments.map((segment) => ({
      ...segment,
      profile: quietProfile(segment),
      shares: quietShares(segment),
    })),
  };
}

function quietProfile({ customers, profile }: SegmentSummary): SegmentSummary['profile'] {
  const hidden = { min: null, max: null };
  const few = { ...hidden, mean: null, median: null, p10: null, p90: null, pct: null };
  return Object.fromEntries(
    Object.entries(profile).map(([name, column]) => {
      const known = customers - column.missing;
      return [name, { ...column, ...(known < fewCustomers ? few : hidden) }];
    }),
  );
}

function quietShares({ customers, shares }: SegmentSummary): TextShares {
  return customers < fewCustomers ? {} : shares;
}

/** Puts the stages' results together. */
export function summarise(context: RunContext, status: RunStatus, input: SummaryInput): RunSummary {
  const { job } = context.loaded;
  return {
    schemaVersion: 1,
    run: {
      id: context.runId,
      job: job.job,
      status,
      as_of: formatDay(context.asOf),
      target: context.target,
      trigger: context.trigger,
      base_run: input.baseRunId,
      table: job.publish.table,
      staging: input.staging,
    },
    counts: countsOf(input),
    segments: segmentsOf(job, input),
    clusters: input.segmentation.clusters,
    tree: input.segmentation.tree,
    quality: input.segmentation.quality,
    scoring: input.segmentation.scoring,
    rule_tag: input.compared?.agreement ?? null,
    notes: [...lintJob(job).map(({ message }) => message), ...input.segmentation.notes],
    removed: input.extracted.removed.map(({ rule, rowsIn, rowsRemoved }) => ({
      rule,
      rows_in: rowsIn,
      rows_removed: rowsRemoved,
    })),
    trends: input.extracted.trends,
    checks: [...input.checked.findings, ...input.segmentation.findings],
    drift: input.guarded.drift,
    guards: input.guarded.results,
    moves: input.planned.diff.moves,
    recommendations: input.recommended && summariseOffers(input.recommended),
    sample: input.sample,
  };
}

function countsOf({ extracted, checked, separated, planned }: SummaryInput): RunCounts {
  const { entered, moved, left, updated, unchanged, kept } = planned.diff.counts;
  return {
    extracted: extracted.customers.rowCount,
    invalid: checked.invalid,
    outliers: separated.tagged + separated.clipped + separated.dropped,
    dropped: separated.dropped,
    entered,
    moved,
    left,
    updated,
    unchanged,
    kept,
  };
}

function segmentsOf(job: Job, { separated, segmentation }: SummaryInput): SegmentSummary[] {
  const { columns } = separated;
  const { segmentOf, segments, explanations } = segmentation;
  const sizes = profileClusters([], segmentOf, segments.length);
  // One for all columns: millions of customers make arrays that are collected late.
  const scratch = new Float64Array(segmentOf.length);
  const profiles = columns.map((column) => profilesOf(column, { segmentOf, sizes, scratch }));
  const value = valueColumn(job, columns);
  const shares = value && valueShares(value.values, segmentOf, segments.length);
  const texts = textShares(separated, segmentation.model, { segmentOf, count: segments.length });
  return segments.map(({ segment, name, campaign }, i) => ({
    segment,
    name,
    campaign,
    customers: sizes[i]!.n,
    share: sizes[i]!.share,
    value_share: shares ? finiteOrNull(shares[i]!) : null,
    profile: sizes[i]!.n === 0 ? {} : Object.fromEntries(columns.map(({ name }, j) => [name, profiles[j]![i]!])),
    shares: texts[i]!,
    explanation: explanations.get(segment) ?? null,
  }));
}

/** The column in each segment. */
function profilesOf(
  { name, values }: NumericColumn,
  {
    segmentOf,
    sizes,
    scratch,
  }: { readonly segmentOf: Int32Array; readonly sizes: readonly ClusterProfile[]; readonly scratch: Float64Array },
): ColumnProfile[] {
  const finite = finiteWithCodes(values, segmentOf);
  return profileClusters([{ name, values: finite.values }], finite.codes, sizes.length, scratch).map(
    ({ n, features }, i) => {
      const { mean, median, p10, p90, min, max, pct } = features[0]!;
      const statistics = Object.entries({ mean, median, p10, p90, min, max, pct });
      const written = statistics.map(([statistic, value]) => [statistic, finiteOrNull(value)]);
      return { ...(Object.fromEntries(written) as Record<Statistic, number | null>), missing: sizes[i]!.n - n };
    },
  );
}
