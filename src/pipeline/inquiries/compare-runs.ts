import { adjustedRandIndex, populationStabilityIndex } from '../../analysis/drift.ts';
import { modelChanges, type ModelChange } from '../../analysis/model-changes.ts';
import type { Model } from '../../analysis/model.ts';
import { SegtagError } from '../../errors.ts';
import type { Night } from '../../report/night.ts';
import type { RunRecord } from '../../staging/runs/run-record.ts';
import type { Staging } from '../../staging/staging.ts';
import type { Standing, Transition } from '../../staging/tags/transitions.ts';
import { finiteOrNull } from '../finite.ts';
import { readNight } from '../nights/night-report.ts';
import { requireRun } from '../decisions/decision.ts';
import type { RunSummary, SegmentSummary } from '../summary.ts';

type Side = { readonly run: string; readonly as_of: string; readonly status: string };

/** A segment in both runs; null where a run has no such segment, or where it said nothing. */
type SegmentChange = {
  readonly segment: string;
  readonly name: { readonly before: string | null; readonly after: string | null };
  readonly campaign: { readonly before: string | null; readonly after: string | null };
  readonly customers: { readonly before: number; readonly after: number };
  readonly share: { readonly before: number; readonly after: number };
  readonly value_share: { readonly before: number | null; readonly after: number | null };
};

type Figure = { readonly figure: string; readonly before: number | null; readonly after: number | null };

/** What changed between two runs of a job; the shape of `--json`. */
export type RunDifference = {
  readonly schemaVersion: 1;
  readonly job: string;
  readonly before: Side;
  readonly after: Side;
  /** Whether job file, SQL and data are the same; null where a run did not come to read them. */
  readonly same: { readonly job: boolean | null; readonly sql: boolean | null; readonly data: boolean | null };
  readonly segments: readonly SegmentChange[];
  /** Customers by where they were and where they are, without those who stayed; null where that has been pruned. */
  readonly moves: readonly Transition[] | null;
  /** How far the segments are apart as a whole; null without the moves, or where a run has no customers. */
  readonly psi: number | null;
  readonly ari: number | null;
  readonly figures: readonly Figure[];
  /** Null where a run kept no model. */
  readonly model: readonly ModelChange[] | null;
};

type Compared = { readonly run: RunRecord; readonly summary: RunSummary; readonly model: Model | null };

/** Compares any two runs of a job that computed a night, in this order; throws E_NOT_FOUND for one that did not, E_USAGE for two jobs. */
export async function compareRuns(staging: Staging, beforeId: string, afterId: string): Promise<RunDifference> {
  const before = await readCompared(staging, beforeId);
  const after = await readCompared(staging, afterId);
  const { job } = after.run;
  if (before.run.job !== job) refuseTwoJobs(before.run, after.run);
  const moves = await movesBetween(staging, before.run, after.run);
  const segments = segmentChanges(before.summary.segments, after.summary.segments);
  return {
    schemaVersion: 1,
    job,
    before: sideOf(before.run),
    after: sideOf(after.run),
    same: {
      job: isSame(before.run.jobHash, after.run.jobHash),
      sql: isSame(before.run.sqlHash, after.run.sqlHash),
      data: isSame(before.run.dataHash, after.run.dataHash),
    },
    segments,
    moves,
    psi: finiteOrNull(
      populationStabilityIndex(
        segments.map(({ customers }) => customers.before),
        segments.map(({ customers }) => customers.after),
      ),
    ),
    ari: moves && finiteOrNull(adjustedRandIndex(transitionsOf(segments, moves))),
    figures: figuresOf(before, after),
    model: before.model && after.model && modelChanges(before.model, after.model),
  };
}

async function readCompared(staging: Staging, runId: string): Promise<Compared> {
  const run = await requireRun(staging, runId);
  // Refuses what is no night, in the words of the report.
  const night: Night = await readNight(staging, runId, { showIds: false });
  const model = (await staging.readModel(runId)) ?? (run.baseRunId && (await staging.readModel(run.baseRunId)));
  return { run, summary: night.summary as RunSummary, model: (model as Model | null) || null };
}

function refuseTwoJobs(before: RunRecord, after: RunRecord): never {
  throw new SegtagError('E_USAGE', {
    where: `${before.runId} ${after.runId}`,
    what: `These are runs of two jobs, ${before.job} and ${after.job}, whose segments have nothing to do with each other.`,
    remedy: `See \`segtag runs ${after.job}\` for another run of ${after.job}.`,
  });
}

async function movesBetween(staging: Staging, before: RunRecord, after: RunRecord): Promise<Transition[] | null> {
  const from = await standingOf(staging, before);
  const to = await standingOf(staging, after);
  if (from === null || to === null) return null;
  const { job } = after;
  const floor = await staging.feedFloor(job);
  if (from.atSeq !== to.atSeq && Math.min(from.atSeq, to.atSeq) < floor) return null;
  return staging.readTransitions({ job, before: from, after: to });
}

/** Where a run stands in the feed; null where what it planned is kept no more. */
async function standingOf(staging: Staging, { runId, baseRunId, counts }: RunRecord): Promise<Standing | null> {
  const written = await staging.findWritten(runId);
  if (written) return { atSeq: written.lastSeq };
  const base = baseRunId === null ? null : await staging.findWritten(baseRunId);
  if (baseRunId !== null && base === null) return null;
  const atSeq = base?.lastSeq ?? 0;
  const { entered = 0, moved = 0, left = 0 } = counts;
  if (entered + moved + left === 0) return { atSeq };
  return (await staging.hasCandidates(runId)) ? { atSeq, planned: runId } : null;
}

function segmentChanges(before: readonly SegmentSummary[], after: readonly SegmentSummary[]): SegmentChange[] {
  const slugs = [...new Set([...after, ...before].map(({ segment }) => segment))];
  return slugs.map((slug) => {
    const [then, now] = [before, after].map((segments) => segments.find(({ segment }) => segment === slug));
    return {
      segment: slug,
      name: { before: then?.name ?? null, after: now?.name ?? null },
      campaign: { before: then?.campaign ?? null, after: now?.campaign ?? null },
      customers: { before: then?.customers ?? 0, after: now?.customers ?? 0 },
      share: { before: then?.share ?? 0, after: now?.share ?? 0 },
      value_share: { before: then?.value_share ?? null, after: now?.value_share ?? null },
    };
  });
}

/** Customers of both runs by where they were and where they are, those who stayed included. */
function transitionsOf(
  segments: readonly SegmentChange[],
  moves: readonly Transition[],
): { from: string; to: string; customers: number }[] {
  const stayed = segments.map(({ segment, customers }) => {
    const gone = moves.reduce((sum, move) => sum + (move.from === segment ? move.customers : 0), 0);
    return { from: segment, to: segment, customers: Math.max(0, customers.before - gone) };
  });
  const moved = moves.flatMap(({ from, to, customers }) =>
    from !== null && to !== null ? [{ from, to, customers }] : [],
  );
  return [...stayed, ...moved];
}

function figuresOf(before: Compared, after: Compared): Figure[] {
  const [then, now] = [figuresIn(before.summary), figuresIn(after.summary)];
  return Object.keys(now)
    .map((figure) => ({ figure, before: then[figure] ?? null, after: now[figure] ?? null }))
    .filter((each) => each.before !== null || each.after !== null);
}

function figuresIn({ counts, quality, removed, rule_tag: ruleTag }: RunSummary): Record<string, number | null> {
  return {
    customers: counts.extracted,
    invalid: counts.invalid,
    outliers: counts.outliers,
    rows_removed: removed.reduce((sum, rule) => sum + rule.rows_removed, 0),
    clusters: quality?.k ?? null,
    inertia: quality?.inertia ?? null,
    silhouette: quality?.silhouette ?? null,
    silhouette_sq: quality?.silhouette_sq ?? null,
    agrees_with_rule: ruleTag?.share ?? null,
  };
}

function sideOf({ runId, asOf, status }: RunRecord): Side {
  return { run: runId, as_of: asOf, status };
}

function isSame(before: string | null, after: string | null): boolean | null {
  return before === null || after === null ? null : before === after;
}
