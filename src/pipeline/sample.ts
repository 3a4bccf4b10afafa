import { withoutValues, type MoveReason } from '../analysis/decide/reason.ts';
import type { Scores } from '../analysis/scores.ts';
import type { Candidate, Candidates } from '../frame/tags.ts';
import type { Staging } from '../staging/staging.ts';
import type { RunContext } from './context.ts';
import type { Segmentation } from './methods/segmentation.ts';
import type { ChangeSample } from './summary.ts';

type ReasonForMove = Segmentation['reasonForMove'];

const sampleSize = 10;

/** The first few movers and leavers, each with its reason; people entering need none. */
export async function sampleChanges(
  context: RunContext,
  staging: Staging,
  candidates: Candidates,
  reasonForMove: ReasonForMove,
): Promise<ChangeSample[]> {
  const chosen = firstOf(candidates, ['move', 'leave']);
  if (chosen.length === 0) return [];
  const { job } = context.loaded;
  const ids = chosen.map(({ customerId }) => customerId);
  const published = await staging.readScores({ job: job.job, table: job.publish.table, ids });
  return chosen.map((candidate) => {
    const { quiet, full } = reasonOf(candidate, published.get(candidate.customerId), reasonForMove);
    const { customerId, kind, fromSegment, segment } = candidate;
    return { customer_id: customerId, kind, from: fromSegment, to: segment, reason: quiet, detail: full };
  });
}

function firstOf(candidates: Candidates, kinds: readonly Candidate['kind'][]): Candidate[] {
  const chosen: Candidate[] = [];
  for (let i = 0; i < candidates.count && chosen.length < sampleSize; i++) {
    const candidate = candidates.at(i);
    if (kinds.includes(candidate.kind)) chosen.push(candidate);
  }
  return chosen;
}

function reasonOf(
  candidate: Candidate,
  published: string | null | undefined,
  reasonForMove: ReasonForMove,
): MoveReason {
  if (candidate.kind === 'leave')
    return withoutValues(candidate.dropped ? 'dropped as an outlier' : 'no longer in the source');
  if (!published || !candidate.scores) return withoutValues('no published values to compare with');
  return reasonForMove(JSON.parse(published) as Scores, JSON.parse(candidate.scores) as Scores);
}
