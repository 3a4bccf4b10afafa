import { controlGroup } from '../analysis/decide/control.ts';
import { diffTags, type Diff } from '../analysis/decide/diff.ts';
import { takeRows, type IdColumn } from '../frame/column.ts';
import { columnOf } from '../frame/frame.ts';
import { idAt } from '../frame/id.ts';
import type { TagSet } from '../frame/tags.ts';
import { sameJson } from '../job/hash.ts';
import type { Checked } from './check.ts';
import type { Compared } from './compare.ts';
import type { RunContext } from './context.ts';
import type { Segmentation } from './methods/segmentation.ts';
import { rowsMarked, type Separated } from './outliers.ts';
import { scoresWriter } from './scores-text.ts';
import { driftedIds, type Standing } from './standing.ts';

export type Planned = {
  readonly diff: Diff;
  readonly base: TagSet;
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
export function plan(context: RunContext, input: PlanInput): Planned {
  const { checked, separated, segmentation, standing } = input;
  const { job } = context.loaded;
  const ids = columnOf(separated.customers, job.source.customer_id, 'id');
  const { tags: base, drift } = standing;
  const drifted = driftedIds(drift);
  const hasTag = Uint32Array.from(segmentation.segmentOf.keys()).filter((row) => segmentation.segmentOf[row]! >= 0);
  const named = drifted.size === 0 ? hasTag : hasTag.filter((row) => !drifted.has(idAt(ids, row)));
  const textOf = scoresWriter({
    columns: separated.columns,
    scoresOf: segmentation.scoresOf,
    compared: input.compared,
  });
  const scoresAt = (row: number): string => textOf(named[row]!);
  const diff = diffTags(
    base,
    {
      customerId: takeRows(ids, named) as IdColumn,
      segmentOf: Int32Array.from(named, (row) => segmentation.segmentOf[row]!),
      segments: segmentation.segments,
      scoresAt,
    },
    {
      asOf: context.asOf,
      controlOf: controlGroup(job.job, job.publish.control),
      leavers: job.publish.leavers,
      scores: job.publish.scores,
      sameScores: (published, row) => sameJson(published, scoresAt(row)),
      kept: new Set([...checked.repeatedIds, ...unnamedIds(ids, segmentation), ...drifted]),
      dropped: droppedIds(context, checked, separated),
    },
  );
  const foreign = new Set(drift.foreign);
  const inTheWay = foreign.size === 0 ? 0 : hasTag.filter((row) => foreign.has(idAt(ids, row))).length;
  return { diff, base, inTheWay };
}

/** The plan in one line. */
export function notePlan({ diff }: Planned): string {
  const { entered, moved, left, updated, unchanged } = diff.counts;
  const parts = [`${count(entered)} enter`, `${count(moved)} move`, `${count(left)} leave`];
  if (updated > 0) parts.push(`${count(updated)} updated`);
  return [...parts, `${count(unchanged)} unchanged`].join(', ');
}

/** Segments that had active customers in the base. */
export function activeSegments(base: TagSet): string[] {
  return base.segment.dictionary.filter((_, code) => base.segment.codes.includes(code));
}

/** None where no outlier is dropped, without looking. */
function droppedIds({ loaded }: RunContext, { customers }: Checked, { isDropped }: Separated): Set<string> {
  if (!isDropped) return new Set();
  const ids = columnOf(customers, loaded.job.source.customer_id, 'id');
  return new Set(Array.from(rowsMarked(isDropped, 1), (row) => idAt(ids, row)));
}

function unnamedIds(ids: IdColumn, { segmentOf }: Segmentation): string[] {
  return [...segmentOf.keys()].filter((row) => segmentOf[row] === -1).map((row) => idAt(ids, row));
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
