import { controlGroup } from '../../analysis/decide/control.ts';
import { startDiff, type Diff } from '../../analysis/decide/diff.ts';
import { columnOf } from '../../frame/frame.ts';
import { idAt } from '../../frame/id.ts';
import { rowsWhere } from '../../frame/rows.ts';
import { sameJson } from '../../job/hash.ts';
import type { Staging } from '../../staging/staging.ts';
import type { Checked } from './check.ts';
import type { Compared } from './compare.ts';
import type { RunContext } from '../context.ts';
import type { Segmentation } from '../methods/segmentation.ts';
import { rowsMarked, type Separated } from './outliers.ts';
import { scoresWriter } from './scores-text.ts';
import { driftedIds, type Standing } from './standing.ts';

export type Planned = {
  readonly diff: Diff;
  /** Customers of tonight in whose place stands a row that no run wrote. */
  readonly inTheWay: number;
};

export type PlanInput = {
  readonly checked: Checked;
  readonly separated: Separated;
  readonly segmentation: Segmentation;
  /** Null where the job has no plain rule beside. */
  readonly compared: Compared | null;
  readonly standing: Standing;
};

/** Compares tonight's segments with the staging table; the result is all that a publish may write. */
export async function plan(context: RunContext, staging: Staging, input: PlanInput): Promise<Planned> {
  const { checked, separated, segmentation, standing } = input;
  const { job } = context.loaded;
  const ids = columnOf(separated.customers, job.source.customer_id, 'id');
  const drifted = driftedIds(standing.drift);
  const { segmentOf } = segmentation;
  const scoresAt = scoresWriter({
    columns: separated.columns,
    scoresOf: segmentation.scoresOf,
    compared: input.compared,
  });
  const wanted = {
    customerId: ids,
    segmentOf: drifted.size === 0 ? segmentOf : segmentOf.map((of, row) => (drifted.has(idAt(ids, row)) ? -1 : of)),
    segments: segmentation.segments,
    scoresAt,
  };
  const options = {
    asOf: context.asOf,
    controlOf: controlGroup(job.job, job.publish.control),
    leavers: job.publish.leavers,
    scores: job.publish.scores,
    sameScores: (published: string, row: number) => sameJson(published, scoresAt(row)),
    kept: new Set([...checked.repeatedIds, ...drifted]),
    dropped: droppedIds(context, checked, separated),
  };
  const table = { job: job.job, table: job.publish.table, withScores: job.publish.scores === 'always' };
  const diff = await staging.readTagsInParts(table, () => startDiff(wanted, options));
  const foreign = new Set(standing.drift.foreign);
  const isForeign = (row: number): boolean => segmentOf[row]! >= 0 && foreign.has(idAt(ids, row));
  return { diff, inTheWay: foreign.size === 0 ? 0 : rowsWhere(segmentOf.length, isForeign).length };
}

/** The plan in one line. */
export function notePlan({ diff }: Planned): string {
  const { entered, moved, left, updated, unchanged } = diff.counts;
  const parts = [`${count(entered)} enter`, `${count(moved)} move`, `${count(left)} leave`];
  if (updated > 0) parts.push(`${count(updated)} updated`);
  return [...parts, `${count(unchanged)} unchanged`].join(', ');
}

/** None where no outlier is dropped, without looking. */
function droppedIds({ loaded }: RunContext, { customers }: Checked, { isDropped }: Separated): Set<string> {
  if (!isDropped) return new Set();
  const ids = columnOf(customers, loaded.job.source.customer_id, 'id');
  return new Set(Array.from(rowsMarked(isDropped, 1), (row) => idAt(ids, row)));
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
