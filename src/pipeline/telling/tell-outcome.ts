import type { Staging } from '../../staging/staging.ts';
import { alertFile } from './alert-file.ts';
import type { RunContext } from '../context.ts';
import { seenCrashed, seenInFailure, seenInSummary } from './sightings.ts';
import type { RunSummary } from '../summary.ts';
import { publishMetrics, tell } from './tell.ts';
import type { Seen, Teller } from './teller.ts';

/** Does the work of a run and tells those who want to know how it ended. What it resolves to, or throws, is the work's. */
export async function toldOf(
  context: RunContext,
  staging: Staging,
  work: () => Promise<RunSummary>,
): Promise<RunSummary> {
  const teller = tellerOf(context);
  if (!teller) return work();
  let seen: Seen[] = [];
  try {
    const summary = await work();
    seen = seenInSummary(summary);
    return summary;
  } catch (error) {
    seen = seenInFailure(error, context.runId, context.currentStage?.());
    throw error;
  } finally {
    const before = context.mode === 'plan' ? [] : [...(await crashedBefore(staging, context)), ...seen];
    await Promise.all([
      tell(staging, before, teller),
      tellFile(context, seen, teller),
      publishMetrics(staging, teller),
    ]);
  }
}

/** The same for a run that never reached the staging database: a file remembers what was told. */
export async function tellUnreachable(context: RunContext, error: unknown): Promise<void> {
  const teller = tellerOf(context);
  if (!teller || context.mode === 'plan') return;
  const store = alertFile(context.projectDir, context.target);
  await tell(store, seenInFailure(error, context.runId, context.currentStage?.()), teller);
}

function tellerOf({ loaded, target, telling, now, log, progress }: RunContext): Teller | undefined {
  return telling && { loaded, target, telling, now, log, note: progress.waiting };
}

/** What was told while the staging database was out of reach ends as all else does. */
async function tellFile(context: RunContext, seen: readonly Seen[], teller: Teller): Promise<void> {
  const store = alertFile(context.projectDir, context.target);
  if (store.isEmpty()) return;
  await tell(
    store,
    seen.filter(({ active }) => !active),
    teller,
  );
}

/** A run that died is often first noticed by the next one. */
async function crashedBefore(staging: Staging, { loaded, runId }: RunContext): Promise<Seen[]> {
  try {
    const runs = await staging.listRuns({ job: loaded.job.job, limit: 2 });
    const before = runs.find((run) => run.runId !== runId);
    return before?.status === 'crashed' ? [seenCrashed(before.runId)] : [];
  } catch {
    return []; // The run has met the same failure, and tells it.
  }
}
