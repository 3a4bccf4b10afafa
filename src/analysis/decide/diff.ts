import { isNull, type IdColumn, type TextColumn } from '../../frame/column.ts';
import { formatDay, type Day } from '../../frame/day.ts';
import { compareIds, idAt } from '../../frame/id.ts';
import type { Candidate, Candidates, ChangeKind, TagSet } from '../../frame/tags.ts';
import type { Publish } from '../../job/schema.ts';
import { changeList, type ChangeList } from './change-list.ts';
import type { ControlOf } from './control.ts';

/** A segment as it is to be published. */
export type SegmentText = { readonly segment: string; readonly name: string; readonly campaign: string | null };

/** What tonight's run says of every valid customer, in bytewise order of id. */
export type WantedTags = {
  readonly customerId: IdColumn;
  /** Index into `segments`, per row; -1 keeps what the customer has. */
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
  /** Segments of the customers in the base. */
  readonly baseSegments: readonly string[];
  /** Rows of the base, those of customers that have left included. */
  readonly baseRows: number;
  readonly candidates: Candidates;
};

/** Compares with the staging table, whose rows come in parts. */
export type TagDiff = {
  /** The next rows in bytewise order of customer id; only what changes of them is kept. */
  take(part: TagSet): void;
  finish(): Diff;
};

/**
 * Compares what tonight says with what the staging table says, by one merge over two lists in
 * bytewise order of customer id: O(n). Nothing else decides what a publish writes.
 */
export function startDiff(wanted: WantedTags, options: DiffOptions): TagDiff {
  const state = emptyState();
  let next = 0;
  return {
    take(part) {
      next = takePart(state, { base: part, wanted, from: next, options });
      state.changes.endPart(part);
    },
    finish() {
      for (let row = next; row < wanted.segmentOf.length; row++) enter(state, wanted, row);
      return finishDiff(state, wanted, options);
    },
  };
}

type PartInput = {
  readonly base: TagSet;
  readonly wanted: WantedTags;
  /** The first wanted row that no part before has come to. */
  readonly from: number;
  readonly options: DiffOptions;
};

/** Compares up to the last row of a part, and says which wanted row is next. */
function takePart(state: DiffState, { base, wanted, from, options }: PartInput): number {
  state.baseRows += base.rowCount;
  for (const [code, segment] of base.segment.dictionary.entries())
    if (base.segment.codes.includes(code)) state.baseSegments.add(segment);
  const wantedRows = wanted.segmentOf.length;
  let row = from;
  for (let baseRow = 0; baseRow < base.rowCount; baseRow++) {
    let order = -1;
    while (row < wantedRows) {
      order = compareIds(base.customerId, baseRow, wanted.customerId, row);
      if (order <= 0) break;
      enter(state, wanted, row++);
    }
    const isThere = row < wantedRows && order === 0;
    if (isThere && wanted.segmentOf[row]! >= 0) compareRows(state, { base, baseRow, wanted, row, options });
    else leave(state, { base, baseRow, options, isKept: isThere });
    if (isThere) row++;
  }
  return row;
}

function enter(state: DiffState, wanted: WantedTags, row: number): void {
  if (wanted.segmentOf[row]! < 0) return;
  add(state, { kind: 'enter', row, baseRow: -1, from: null, to: textOf(wanted, row) });
}

type DiffState = {
  readonly counts: DiffCounts;
  readonly changes: ChangeList;
  readonly moves: Map<string, { from: string | null; to: string | null; customers: number }>;
  readonly keptSegments: Set<string>;
  readonly baseSegments: Set<string>;
  baseRows: number;
};

function emptyState(): DiffState {
  const counts = { entered: 0, moved: 0, left: 0, updated: 0, unchanged: 0, kept: 0, base: 0 };
  const sets = { keptSegments: new Set<string>(), baseSegments: new Set<string>() };
  return { counts, changes: changeList(), moves: new Map(), ...sets, baseRows: 0 };
}

type Pair = { base: TagSet; baseRow: number; wanted: WantedTags; row: number; options: DiffOptions };

function compareRows(state: DiffState, pair: Pair): void {
  const { base, baseRow, wanted, row } = pair;
  const to = textOf(wanted, row);
  if (textAt(base.state, baseRow) === 'left') return add(state, { kind: 'enter', row, baseRow, from: null, to });
  state.counts.base++;
  const from = textAt(base.segment, baseRow);
  if (from !== to.segment) return add(state, { kind: 'move', row, baseRow, from, to });
  if (textDiffers(pair, to)) return add(state, { kind: 'update', row, baseRow, from, to });
  state.counts.unchanged++;
}

function textDiffers({ base, baseRow, wanted, row, options }: Pair, next: SegmentText): boolean {
  if ((base.control?.[baseRow] ?? -1) !== (options.controlOf?.(wanted.customerId, row) ?? -1)) return true;
  if (textAt(base.segmentName, baseRow) !== next.name || textAt(base.campaign, baseRow) !== next.campaign) return true;
  if (options.scores !== 'always') return false;
  const published = base.scores && textAt(base.scores, baseRow);
  return typeof published !== 'string' || !options.sameScores(published, row);
}

type Absent = Pick<Pair, 'base' | 'baseRow' | 'options'> & {
  /** The customer is there, and nothing is said of it. */
  readonly isKept: boolean;
};

function leave(state: DiffState, { base, baseRow, options: { leavers, kept }, isKept }: Absent): void {
  if (textAt(base.state, baseRow) === 'left') return;
  state.counts.base++;
  const from = textAt(base.segment, baseRow);
  if (isKept || leavers === 'keep' || (kept.size > 0 && kept.has(idAt(base.customerId, baseRow)))) {
    state.counts.kept++;
    if (from !== null) state.keptSegments.add(from);
    return;
  }
  add(state, { kind: 'leave', row: -1, baseRow, from, to: null });
}

const countOf = { enter: 'entered', move: 'moved', leave: 'left', update: 'updated' } as const;

type Found = {
  readonly kind: ChangeKind;
  /** -1 for a leaver. */
  readonly row: number;
  /** -1 for a customer that had none. */
  readonly baseRow: number;
  readonly from: string | null;
  readonly to: SegmentText | null;
};

function add({ counts, changes, moves }: DiffState, { kind, row, baseRow, from, to: text }: Found): void {
  counts[countOf[kind]]++;
  changes.note(kind, row, baseRow);
  if (kind === 'update') return;
  const to = text?.segment ?? null;
  const key = JSON.stringify([from, to]);
  const move = moves.get(key);
  if (move) move.customers++;
  else moves.set(key, { from, to, customers: 1 });
}

function finishDiff(state: DiffState, wanted: WantedTags, options: DiffOptions): Diff {
  const { changes, counts, keptSegments, baseSegments, baseRows } = state;
  const { count, at } = changes.finish();
  const today = formatDay(options.asOf);
  return {
    counts,
    keptSegments,
    baseSegments: [...baseSegments],
    baseRows,
    moves: [...state.moves.values()].toSorted((a, b) => b.customers - a.customers || compareText(keyOf(a), keyOf(b))),
    candidates: { count, at: (index) => candidateOf(at(index), today, { wanted, options }) },
  };
}

type Change = ReturnType<ReturnType<ChangeList['finish']>['at']>;

function candidateOf(
  { kind, wantedRow: row, base }: Change,
  today: string,
  { wanted, options }: { readonly wanted: WantedTags; readonly options: DiffOptions },
): Candidate {
  const from = base?.segment ?? null;
  const next = row >= 0 ? textOf(wanted, row) : null;
  const customerId = base?.customerId ?? idAt(wanted.customerId, row);
  const control = base ? options.controlOf?.(base.ids, base.row) : options.controlOf?.(wanted.customerId, row);
  const candidate: Candidate = {
    customerId,
    kind,
    expectedChangeSeq: base?.changeSeq ?? null,
    fromSegment: from,
    segment: next?.segment ?? null,
    segmentName: next?.name ?? null,
    campaign: next?.campaign ?? null,
    previousSegment: kind === 'move' || kind === 'leave' ? from : (base?.previousSegment ?? null),
    segmentSince: kind === 'update' && base ? base.segmentSince : today,
    // Most readers look at something else, and its text takes longer than all the rest.
    get scores() {
      return row >= 0 ? wanted.scoresAt(row) : null;
    },
    state: row >= 0 ? 'active' : 'left',
    control: control ?? null,
  };
  return kind === 'leave' && options.dropped.has(customerId) ? { ...candidate, dropped: true } : candidate;
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
