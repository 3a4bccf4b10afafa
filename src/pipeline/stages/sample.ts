import type { Diff } from '../../analysis/decide/diff.ts';
import { withoutValues, type MoveReason } from '../../analysis/decide/reason.ts';
import type { Scores } from '../../analysis/scores.ts';
import type { Candidate, Candidates } from '../../frame/tags.ts';
import type { Staging } from '../../staging/staging.ts';
import type { RunContext } from '../context.ts';
import type { Segmentation } from '../methods/segmentation.ts';
import type { ChangeSample } from '../summary.ts';

type ReasonForMove = Segmentation['reasonForMove'];

/** Changed customers, each with the reason. */
export type ExplainedChanges = {
  /** The first few movers and leavers. */
  readonly sample: readonly ChangeSample[];
  /** The movers with the greatest value, greatest first; in order of id where the job has no value column. */
  readonly movers: readonly TopMover[];
};

export type TopMover = ChangeSample & { readonly value: number | null };

type Explaining = {
  readonly diff: Pick<Diff, 'candidates' | 'counts'>;
  readonly reasonForMove: ReasonForMove;
  readonly valueColumn: string | null;
};

const sampleSize = 10;
const mostMovers = 20;

/** Explains a few of the changes; people entering need no reason. */
export async function explainChanges(
  context: RunContext,
  staging: Staging,
  { diff, reasonForMove, valueColumn }: Explaining,
): Promise<ExplainedChanges> {
  const { candidates, counts } = diff;
  if (counts.moved + counts.left === 0) return { sample: [], movers: [] };
  const first = firstOf(candidates, ['move', 'leave']);
  const top = topMovers(candidates, valueColumn);
  const { job } = context.loaded;
  const ids = [...new Set([...first, ...top].map(({ customerId }) => customerId))];
  const published = await staging.readScores({ job: job.job, table: job.publish.table, ids });
  const explained = (candidate: Candidate): ChangeSample => {
    const { customerId, kind, fromSegment, segment } = candidate;
    const { quiet, full } = reasonOf(candidate, published.get(customerId), reasonForMove);
    return { customer_id: customerId, kind, from: fromSegment, to: segment, reason: quiet, detail: full };
  };
  return {
    sample: first.map(explained),
    movers: top.map((candidate) => ({ ...explained(candidate), value: valueOf(candidate, valueColumn) })),
  };
}

function firstOf(candidates: Candidates, kinds: readonly Candidate['kind'][]): Candidate[] {
  const chosen: Candidate[] = [];
  for (let i = 0; i < candidates.count && chosen.length < sampleSize; i++) {
    const candidate = candidates.at(i);
    if (kinds.includes(candidate.kind)) chosen.push(candidate);
  }
  return chosen;
}

function topMovers(candidates: Candidates, valueColumn: string | null): Candidate[] {
  const movers: { readonly index: number; readonly value: number }[] = [];
  for (let index = 0; index < candidates.count; index++) {
    const candidate = candidates.at(index);
    if (candidate.kind === 'move') movers.push({ index, value: valueOf(candidate, valueColumn) ?? -Infinity });
  }
  return movers
    .sort((a, b) => (a.value === b.value ? a.index - b.index : b.value - a.value))
    .slice(0, mostMovers)
    .map(({ index }) => candidates.at(index));
}

function valueOf({ scores }: Candidate, column: string | null): number | null {
  if (column === null || scores === null) return null;
  const value = (JSON.parse(scores) as Scores)[column];
  return typeof value === 'number' ? value : null;
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
