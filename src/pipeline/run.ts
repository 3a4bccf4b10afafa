import type { Model } from '../analysis/model.ts';
import { SegtagError } from '../errors.ts';
import { formatDay } from '../frame/day.ts';
import { canonicalJson, sha256 } from '../job/hash.ts';
import type { Lease } from '../staging/runs/lease.ts';
import { openStaging, type Staging } from '../staging/staging.ts';
import { customerAxes } from './axes.ts';
import { refuseOlder } from './stages/as-of.ts';
import { check, noteCheck } from './stages/check.ts';
import { compareWithRule, noteCompare } from './stages/compare.ts';
import type { RunContext } from './context.ts';
import { dataHash } from './stages/data-hash.ts';
import { extract, noteExtract } from './stages/extract.ts';
import { guard, noteGuard } from './stages/guard.ts';
import { holderName, underLease } from './lease.ts';
import { fitterInWarehouse } from './methods/fit-in-warehouse.ts';
import { segmentCustomers, shapeOf } from './methods/segment-customers.ts';
import { noteOutliers, separateOutliers } from './stages/outliers.ts';
import { reportNight } from './nights/night-report.ts';
import { notePlan, plan } from './stages/plan.ts';
import { deliver, noteDelivery } from './stages/publish.ts';
import { awaitReady, noteReady } from './stages/ready.ts';
import { createRetry, type Retry } from './retry.ts';
import { keepFigures } from './nights/night-figures.ts';
import { explainChanges } from './stages/sample.ts';
import { begunRun, failedRun } from './record.ts';
import { noteRecommend, readPublishedLists, recommend, withdrawLists } from './stages/recommend.ts';
import { readStanding } from './stages/standing.ts';
import { stageRunner } from './stage-runner.ts';
import { steadyStaging } from './steady-staging.ts';
import { summarise, type RunSummary } from './summary.ts';
import { tellUnreachable, toldOf } from './telling/tell-outcome.ts';

/**
 * Runs one night of a job: reads, computes, compares, judges, and publishes what changed in one
 * transaction. Whatever fails before that transaction leaves the staging tables as they were, and
 * the run's record says what happened.
 */
export async function runJob(context: RunContext): Promise<RunSummary> {
  const connect = createRetry(context, context.signal);
  let staging: Staging;
  try {
    staging = await connect('connecting to the CRM', () => openStaging(context.crm, context.patience));
  } catch (error) {
    await tellUnreachable(context, error);
    throw error;
  }
  try {
    const summary = await toldOf(context, staging, async () => {
      await staging.requireMigrated(context.loaded.job.publish.table);
      return runUnderLease(context, staging);
    });
    const report = await reportNight(context, staging);
    return { ...summary, ...(report === undefined ? {} : { report }) };
  } finally {
    await staging.close();
  }
}

async function runUnderLease(context: RunContext, staging: Staging): Promise<RunSummary> {
  const { job } = context.loaded;
  const { runId, signal, leaseMs } = context;
  const run = { job: job.job, runId, signal, ...(leaseMs === undefined ? {} : { leaseMs }) };
  return underLease(staging, run, async (lease, signal) => {
    const leased = { ...context, signal };
    const retry = createRetry(context, signal);
    const published = await staging.publishedBase(job.job);
    if (context.mode === 'publish' && !context.allowOlder) refuseOlder(job.job, context.asOf, published?.asOf);
    refuseOtherTable(context, published?.targetTable);
    await claimSlot(leased, staging);
    await recordStart(leased, staging, published?.runId ?? null);
    try {
      return await runStages(leased, steadyStaging(staging, retry), { published, lease, retry });
    } catch (error) {
      await recordFailure(leased, staging, error);
      throw error;
    }
  });
}

type Start = {
  readonly published: Awaited<ReturnType<Staging['publishedBase']>>;
  readonly lease: Lease;
  readonly retry: Retry;
};

async function runStages(context: RunContext, staging: Staging, start: Start): Promise<RunSummary> {
  const { published, lease, retry } = start;
  const { job } = context.loaded;
  const timings: Record<string, number> = {};
  const stage = stageRunner(context, timings);
  const shapeHash = sha256(canonicalJson(shapeOf(job)));
  const base = published?.model as Model | null | undefined;
  const model = base?.shapeHash === shapeHash ? base : undefined;
  const recentCounts = await staging.recentExtracted(job.job, 7);

  if (job.ready) await stage('ready', () => awaitReady(context, job.ready!, retry), noteReady);
  const fitter = fitterInWarehouse(context, model);
  const extracted = await stage(
    'extract',
    () => retry('extract', () => extract({ ...context, expectedRows: recentCounts[0] }, fitter)),
    noteExtract,
  );
  const fitted = extracted.inWarehouse?.fitted;
  const checked = await stage('check', () => check(context, extracted, recentCounts), noteCheck);
  const separated = await stage('outliers', () => separateOutliers(context, checked, fitted ?? model), noteOutliers);
  const segmentation = await segmentCustomers(context, { separated, model, fitted, stage });
  const { rule_tag: rule } = job;
  const compared = rule
    ? await stage('compare', () => compareWithRule(context, rule, { separated, segmentation }), noteCompare)
    : null;
  const lists = await readPublishedLists(staging, job.job);
  const recommended = job.recommendations
    ? await stage(
        'recommend',
        () => recommend(context, { extracted, checked, separated, segmentation, published: lists }),
        noteRecommend,
      )
    : null;
  const standing = await readStanding(staging, job, published?.runId);
  const planInput = { checked, separated, segmentation, compared, standing };
  const planned = await stage('plan', () => plan(context, staging, planInput), notePlan);
  const scaleReset = published !== null && model === undefined;
  const publishedSilhouette = model && 'silhouetteSq' in model ? model.silhouetteSq : null;
  const guardInput = { planned, segmentation, standing, scaleReset, publishedSilhouette };
  const guarded = await stage('guard', () => guard(context, guardInput), noteGuard);
  const { sample, movers } = await explainChanges(context, staging, {
    diff: planned.diff,
    reasonForMove: segmentation.reasonForMove,
    valueColumn: customerAxes(job, separated.columns).value,
  });
  await keepFigures(context, staging, { separated, segmentation, movers });

  const nextModel: Model = {
    version: 1,
    outlierAction: job.outliers?.action ?? null,
    outlierSegment: segmentation.outlierSegment,
    fences: separated.fences,
    shapeHash,
    ...segmentation.model,
  };
  const parts = { extracted, checked, separated, segmentation, compared, planned, guarded, sample, recommended };
  const summaryInput = { ...parts, baseRunId: published?.runId ?? null, staging: staging.place };
  const delivery = {
    staging,
    lease,
    changes: {
      candidates: planned.diff.candidates,
      lists: (recommended ?? withdrawLists(lists)).changes,
      model: nextModel,
    },
    baseRunId: summaryInput.baseRunId,
    held: guarded.held,
    refitted: segmentation.refitted,
    patch: { sqlHash: extracted.sqlHash, dataHash: dataHash(checked.customers), timings },
    summaryOf: (status: RunSummary['run']['status']) => summarise(context, status, summaryInput),
  };
  return stage('publish', () => deliver(context, delivery), noteDelivery);
}

/** The tags of a job live in one table: another would leave them behind, active and never updated. */
function refuseOtherTable({ loaded }: RunContext, publishedTable: string | undefined): void {
  const { job, publish } = loaded.job;
  if (publishedTable === undefined || publishedTable === publish.table) return;
  throw new SegtagError('E_TABLE_CHANGED', {
    where: loaded.locate(['publish', 'table']),
    what: `${job} has published to ${publishedTable}; its tags would stay there beside those in ${publish.table}.`,
    remedy: `Set publish.table back to ${publishedTable}, or give the job a new name.`,
  });
}

/** One run per slot: whoever inserts its row first has it, whatever becomes of the run. */
async function claimSlot({ slot, loaded, runId }: RunContext, staging: Staging): Promise<void> {
  if (slot === undefined) return;
  const { job } = loaded.job;
  const scheduledAt = slot.toISOString();
  if (await staging.claimSlot({ job, scheduledAt }, { runId, holder: holderName() })) return;
  throw new SegtagError('E_SLOT_TAKEN', {
    where: job,
    what: `The slot of ${scheduledAt} has been taken by another run. Nothing was run.`,
    remedy: `See its run with \`segtag runs ${job}\`; to run the job all the same, leave out --slot.`,
  });
}

async function recordStart(context: RunContext, staging: Staging, baseRunId: string | null): Promise<void> {
  const { job, text } = context.loaded;
  await staging.insertRun(
    begunRun({
      runId: context.runId,
      job: job.job,
      targetTable: job.publish.table,
      trigger: context.trigger,
      slot: context.slot?.toISOString() ?? null,
      asOf: formatDay(context.asOf),
      baseRunId,
      jobHash: sha256(text),
      startedAt: context.now().toISOString(),
    }),
  );
}

/** A record that can't be written must not hide why the run failed. */
async function recordFailure(context: RunContext, staging: Staging, error: unknown): Promise<void> {
  try {
    await staging.updateRun(context.runId, failedRun(error, context.now()));
  } catch (cause) {
    context.log.warn('the failure could not be recorded in segtag_run', { cause: String(cause) });
  }
}
