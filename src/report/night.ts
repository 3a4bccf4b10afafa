import type { Finding } from '../analysis/decide/checks.ts';
import type { Move } from '../analysis/decide/diff.ts';
import type { GuardResult } from '../analysis/decide/guards.ts';
import type { HeatMap } from '../analysis/portrait/heat-map.ts';
import type { ScatterSample } from '../analysis/portrait/scatter-sample.ts';
import type { Agreement } from '../analysis/rules/agreement.ts';
import type { Leaf } from '../analysis/tree/texts.ts';

type Statistic = 'mean' | 'median' | 'p10' | 'p90' | 'min' | 'max' | 'pct';

/** One column of a segment, in the column's own units; null where it may not be shown, or nobody has a value. */
type NightProfile = Readonly<Record<Statistic, number | null>> & { readonly missing: number };

export type NightSegment = {
  readonly segment: string;
  readonly name: string;
  readonly campaign: string | null;
  readonly customers: number;
  /** Of all tagged customers, 0..1. */
  readonly share: number;
  /** Of the value of all, 0..1; null where the job has no money column. */
  readonly value_share: number | null;
  readonly profile: Readonly<Record<string, NightProfile>>;
  readonly explanation: string | null;
};

/** What a run found, as the run store keeps it: the part of its summary that a report shows. */
export type NightSummary = {
  readonly run: { readonly base_run: string | null; readonly target: string; readonly table: string };
  readonly counts: Readonly<
    Record<'extracted' | 'entered' | 'moved' | 'left' | 'updated' | 'unchanged' | 'kept', number>
  >;
  readonly segments: readonly NightSegment[];
  readonly tree: { readonly fidelity_test: number; readonly leaves: readonly Leaf[] } | null;
  readonly rule_tag: Agreement | null;
  readonly quality: { readonly silhouette: number | null } | null;
  readonly notes: readonly string[];
  readonly removed: readonly { readonly rule: string; readonly rows_in: number; readonly rows_removed: number }[];
  readonly trends: readonly NightTrend[];
  readonly checks: readonly Finding[];
  readonly guards: readonly GuardResult[];
  readonly moves: readonly Move[];
  readonly recommendations: {
    readonly segments: readonly {
      readonly segment: string;
      readonly products: readonly { readonly product_id: string; readonly score: number }[];
    }[];
  } | null;
};

type NightTrend = {
  readonly grain: string;
  readonly period: string;
  readonly invoices: number;
  readonly revenue: number | null;
};

/** An earlier run, as it stood when this one was computed. */
export type PastNight = {
  readonly run_id: string;
  readonly as_of: string;
  readonly status: string;
  readonly started_at: string;
  readonly duration_ms: number | null;
  readonly extracted: number | null;
  readonly moved: number | null;
  /** Customers by segment; absent where the CRM never had this night's tags. */
  readonly customers?: Readonly<Record<string, number>>;
};

export type Mover = {
  /** Absent where ids are hidden, and so are `detail` and `value`. */
  readonly customer_id?: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
  readonly detail?: string;
  readonly value?: number | null;
};

export type KPoint = { readonly k: number; readonly inertia: number | null; readonly silhouette: number | null };

/** What the charts of a night are drawn from beside its summary; kept with the run as JSON. */
export type NightFigures = {
  readonly version: 1;
  /** Whether the job lets reports show customers' ids. */
  readonly ids: 'hidden' | 'shown';
  /** Columns: how recently, how often, for how much; those that tell segments apart; and all. */
  readonly axes: {
    readonly recency: string | null;
    readonly frequency: string | null;
    readonly value: string | null;
    readonly typical: readonly string[];
    readonly described: readonly string[];
  };
  readonly outlier_segment: string | null;
  readonly scatter: ScatterSample | null;
  readonly heat_map: HeatMap | null;
  /** Of a sample of the customers in the fit; null where nothing was fitted. */
  readonly k_curve: readonly KPoint[] | null;
  /** The number of clusters in use, and whether the job or the figures say so. */
  readonly k: number | null;
  readonly k_from: 'job' | 'auto' | null;
  readonly movers: readonly Mover[];
  /** Newest first. */
  readonly history: readonly PastNight[];
};

/** One night of a job: all that its report is made of. The same night gives the same bytes. */
export type Night = {
  readonly runId: string;
  readonly job: string;
  readonly asOf: string;
  readonly status: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly summary: NightSummary;
  /** Null for a run whose figures were not kept. */
  readonly figures: NightFigures | null;
};
