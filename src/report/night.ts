import type { Finding } from '../analysis/decide/checks.ts';
import type { Move } from '../analysis/decide/diff.ts';
import type { GuardResult } from '../analysis/decide/guards.ts';
import type { Leaf } from '../analysis/tree/texts.ts';

type Statistic = 'mean' | 'median' | 'p10' | 'p90' | 'min' | 'max';

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
};
