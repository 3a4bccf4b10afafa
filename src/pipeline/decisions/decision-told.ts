import type { Published } from '../../staging/publish/publish-options.ts';
import type { Staging } from '../../staging/staging.ts';
import { approveRun, rejectRun, type Deciding } from './decision.ts';
import { renewReport } from '../nights/night-report.ts';
import { recovered, seenRejected } from '../telling/sightings.ts';
import { publishMetrics, tell } from '../telling/tell.ts';
import type { Seen, Teller } from '../telling/teller.ts';

/** A decision about a run, and those who are told of it. */
export type ToldDecision = Deciding & { readonly runId: string; readonly teller: Teller };

/** `approveRun`, tells everybody that the job is well again, and renews the run's report. */
export async function approveAndTell(
  staging: Staging,
  { runId, teller, ...options }: ToldDecision & { readonly allowOlder: boolean },
): Promise<Published> {
  const published = await approveRun(staging, teller.loaded, runId, options);
  await tellAll(staging, recovered(runId, `Run ${runId} was approved.`), teller);
  await renewReport(teller, staging, runId);
  return published;
}

/** `rejectRun`, tells everybody, and renews the run's report. */
export async function rejectAndTell(staging: Staging, { runId, teller, ...deciding }: ToldDecision): Promise<void> {
  await rejectRun(staging, runId, deciding);
  await tellAll(staging, [seenRejected(runId)], teller);
  await renewReport(teller, staging, runId);
}

async function tellAll(staging: Staging, seen: readonly Seen[], teller: Teller): Promise<void> {
  await Promise.all([tell(staging, seen, teller), publishMetrics(staging, teller)]);
}
