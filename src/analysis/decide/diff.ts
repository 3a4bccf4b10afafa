import { isNull, type IdColumn, type TextColumn } from '../../frame/column.ts';
import { formatDay, type Day } from '../../frame/day.ts';
import { compareIds, idAt } from '../../frame/id.ts';
import type { Candidate, Candidates, ChangeKind, TagSet } from '../../frame/tags.ts';
import type { Publish } from '../../job/schema.ts';
import type { ControlOf } from './control.ts';

/** A segment as it is to be published. */
export type SegmentText = { readonly segment: string; readonly name: string; readonly campaign: string | null };

/** What tonight's run says of every valid customer, in bytewise order of id. */
export type WantedTags = {
  readonly customerId: IdColumn;
  /** Index into `segments`, per row. */
  readonly segmentOf: Int32Array;
  readonly segments: readonly SegmentText[];
  /** The row's scores as canonical JSON. */
  readonly scoresAt: (row: number) => string;
};

export type DiffOptions = {
  readonly asOf: Day;
  readonly leavers: Publish['leavers'];
  readonly scores: Publish['scores'];
  /** Whether published scores say the same as a row's; called only where scores decide. */
  readonly sameScores: (published: string, row: number) => boolean;
  /** Customers that are in the source but invalid: they keep what they have. */
  readonly kept: ReadonlySet<string>;
  /** Absent where the job has no control group. */
  readonly controlOf?: ControlOf;
  /** Customers that are in the source but were dropped as outliers: where they leave, the candidate says so. */
  readonly dropped: ReadonlySet<string>;
};

export type DiffCounts = {
  entered: number;
  moved: number;
  left: number;
  updated: number;
  unchanged: number;
  /** Invalid customers that keep their tag, and leavers under `leavers: keep`. */
  kept: number;
  /** Active in the base: the customers that could have left. */
  base: number;
};

/** Customers that went from one segment to another; `from` null is entering, `to` null is leaving. */
export type Move = { readonly from: string | null; readonly to: string | null; readonly customers: number };

export type Diff = {
  readonly counts: DiffCounts;
  readonly moves: readonly Move[];
  /** Published segments of the customers counted as kept. */
  readonly keptSegments: ReadonlySet<string>;
  readonly candidates: Candidates;
  /** Candidate number to wanted row, -1 for a leaver. */
  readonly wantedRow: Int32Array;
  /** Candidate number to base row, -1 for a customer that had none. */
  readonly baseRow: Int32Array;
};

/**
 * Compares what tonight says with what the staging table says, by one merge over two lists in
 * bytewise order of customer id: O(n). Nothing else decides what a publish writes.
 */
export function diffTags(base: TagSet, wanted: WantedTags, options: DiffOptions): Diff {
  const state = startDiff();
  const wantedRows = wanted.segmentOf.length;
  let baseRow = 0;
  let row = 0;
  while (baseRow < base.rowCount || row < wantedRows) {
    const order = compareNext(base, baseRow, wanted, row);
    if (order === 0) compareRows(state, { base, baseRow, wanted, row, options });
    else if (order < 0) leave(state, base, baseRow, options);
    else add(state, 'enter', row, -1, null, textOf(wanted, row));
    if (order <= 0) baseRow++;
    if (order >= 0) row++;
  }
  return finishDiff(state, base, wanted, options);
}

type DiffState = {
  readonly counts: DiffCounts;
  readonly kinds: ChangeKind[];
  readonly wantedRow: number[];
  readonly baseRow: number[];
  readonly moves: Map<string, { from: string | null; to: string | null; customers: number }>;
  readonly keptSegments: Set<string>;
};

function startDiff(): DiffState {
  const counts = { entered: 0, moved: 0, left: 0, updated: 0, unchanged: 0, kept: 0, base: 0 };
  return { counts, kinds: [], wantedRow: [], baseRow: [], moves: new Map(), keptSegments: new Set() };
}

function compareNext(base: TagSet, baseRow: number, wanted: WantedTags, row: number): number {
  if (baseRow === base.rowCount) return 1;
  if (row === wanted.segmentOf.length) return -1;
  return compareIds(base.customerId, baseRow, wanted.customerId, row);
}

type Pair = { base: TagSet; baseRow: number; wanted: WantedTags; row: number; options: DiffOptions };

function compareRows(state: DiffState, pair: Pair): void {
  const { base, baseRow, wanted, row } = pair;
  const next = textOf(wanted, row);
  if (textAt(base.state, baseRow) === 'left') return add(state, 'enter', row, baseRow, null, next);
  state.counts.base++;
  const previous = textAt(base.segment, baseRow);
  if (previous !== next.segment) return add(state, 'move', row, baseRow, previous, next);
  if (textDiffers(pair, next)) return add(state, 'update', row, baseRow, previous, next);
  state.counts.unchanged++;
}

function textDiffers({ base, baseRow, wanted, row, options }: Pair, next: SegmentText): boolean {
  if ((base.control?.[baseRow] ?? -1) !== (options.controlOf?.(wanted.customerId, row) ?? -1)) return true;
  if (textAt(base.segmentName, baseRow) !== next.name || textAt(base.campaign, baseRow) !== next.campaign) return true;
  if (options.scores !== 'always') return false;
  const published = base.scores && textAt(base.scores, baseRow);
  return typeof published !== 'string' || !options.sameScores(published, row);
}

function leave(state: DiffState, base: TagSet, baseRow: number, options: DiffOptions): void {
  if (textAt(base.state, baseRow) === 'left') return;
  state.counts.base++;
  const segment = textAt(base.segment, baseRow);
  if (options.leavers === 'keep' || options.kept.has(idAt(base.customerId, baseRow))) {
    state.counts.kept++;
    if (segment !== null) state.keptSegments.add(segment);
    return;
  }
  add(state, 'leave', -1, baseRow, segment, null);
}

const countOf = { enter: 'entered', move: 'moved', leave: 'left', update: 'updated' } as const;

function add(
  state: DiffState,
  kind: ChangeKind,
  row: number,
  baseRow: number,
  from: string | null,
  next: SegmentText | null,
): void {
  state.counts[countOf[kind]]++;
  state.kinds.push(kind);
  state.wantedRow.push(row);
  state.baseRow.push(baseRow);
  if (kind === 'update') return;
  const to = next?.segment ?? null;
  const key = JSON.stringify([from, to]);
  const move = state.moves.get(key);
  if (move) move.customers++;
  else state.moves.set(key, { from, to, customers: 1 });
}

function finishDiff(state: DiffState, base: TagSet, wanted: WantedTags, options: DiffOptions): Diff {
  const { kinds, counts, keptSegments } = state;
  const wantedRow = Int32Array.from(state.wantedRow);
  const baseRow = Int32Array.from(state.baseRow);
  const today = formatDay(options.asOf);
  const at = (index: number): Candidate => {
    const change = { kind: kinds[index]!, row: wantedRow[index]!, baseRow: baseRow[index]!, today };
    return candidateOf(change, base, wanted, options);
  };
  return {
    counts,
    keptSegments,
    moves: [...state.moves.values()].toSorted((a, b) => b.customers - a.customers || compareText(keyOf(a), keyOf(b))),
    candidates: { count: kinds.length, at },
    wantedRow,
    baseRow,
  };
}

type Change = { readonly kind: ChangeKind; readonly row: number; readonly baseRow: number; readonly today: string };

function candidateOf(
  { kind, row, baseRow, today }: Change,
  base: TagSet,
  wanted: WantedTags,
  options: DiffOptions,
): Candidate {
  const known = baseRow >= 0;
  const from = known ? textAt(base.segment, baseRow) : null;
  const previous = known ? textAt(base.previousSegment, baseRow) : null;
  const next = row >= 0 ? textOf(wanted, row) : null;
  const customerId = row >= 0 ? idAt(wanted.customerId, row) : idAt(base.customerId, baseRow);
  return {
    customerId,
    kind,
    expectedChangeSeq: known ? base.changeSeq[baseRow]! : null,
    fromSegment: from,
    segment: next?.segment ?? null,
    segmentName: next?.name ?? null,
    campaign: next?.campaign ?? null,
    previousSegment: kind === 'move' || kind === 'leave' ? from : previous,
    segmentSince: kind === 'update' ? formatDay(base.segmentSince.values[baseRow]! as Day) : today,
    // Most readers look at something else, and its text takes longer than all the rest.
    get scores() {
      return row >= 0 ? wanted.scoresAt(row) : null;
    },
    state: row >= 0 ? 'active' : 'left',
    control:
      (row >= 0 ? options.controlOf?.(wanted.customerId, row) : options.controlOf?.(base.customerId, baseRow)) ?? null,
    ...(kind === 'leave' && options.dropped.has(customerId) ? { dropped: true } : {}),
  };
}

function textOf(wanted: WantedTags, row: number): SegmentText {
  return wanted.segments[wanted.segmentOf[row]!]!;
}

function textAt(column: TextColumn, row: number): string | null {
  return isNull(column, row) ? null : column.dictionary[column.codes[row]!]!;
}

function keyOf(move: Move): string {
  return JSON.stringify([move.from, move.to]);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
