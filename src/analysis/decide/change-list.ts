import { isNull, takeRows, type DayColumn, type IdColumn, type TextColumn } from '../../frame/column.ts';
import { Chunks } from '../../frame/chunks.ts';
import { formatDay, type Day } from '../../frame/day.ts';
import { idAt } from '../../frame/id.ts';
import type { ChangeKind, TagSet } from '../../frame/tags.ts';

/** What is known of a changed customer's row in the staging table. */
type ChangedRow = {
  readonly customerId: string;
  /** The columns that hold the id, and the row in them. */
  readonly ids: IdColumn;
  readonly row: number;
  readonly segment: string | null;
  readonly previousSegment: string | null;
  readonly segmentSince: string;
  readonly changeSeq: number;
};

/** A change: `wantedRow` is -1 for a leaver, `base` undefined for a customer that had no row. */
type Change = { readonly kind: ChangeKind; readonly wantedRow: number; readonly base: ChangedRow | undefined };

/** Changes in the order they were noted, a few bytes each. */
export type ChangeList = {
  /** `baseRow` is the row of the part that is being compared, -1 for none. */
  note(kind: ChangeKind, wantedRow: number, baseRow: number): void;
  /** Ends a part: of its rows only those that were noted are kept. */
  endPart(part: TagSet): void;
  finish(): { readonly count: number; at(index: number): Change };
};

const kinds = ['enter', 'move', 'leave', 'update'] as const satisfies readonly ChangeKind[];

type KeptRows = Pick<TagSet, 'customerId' | 'segment' | 'previousSegment' | 'segmentSince' | 'changeSeq'>;
/** The rows of a part whose customers changed, from which change on. */
type KeptPart = { readonly from: number; readonly rows: KeptRows };

/** An empty list. */
export function changeList(): ChangeList {
  const kindOf = new Chunks((length) => new Uint8Array(length));
  const wantedOf = new Chunks((length) => new Int32Array(length));
  const baseOf = new Chunks((length) => new Int32Array(length));
  const parts: KeptPart[] = [];
  let kept: number[] = [];
  let from = 0;
  return {
    note(kind, wantedRow, baseRow) {
      push(kindOf, kinds.indexOf(kind));
      push(wantedOf, wantedRow);
      push(baseOf, baseRow < 0 ? -1 : kept.push(baseRow) - 1);
    },
    endPart(part) {
      if (kept.length > 0) parts.push({ from, rows: keep(part, Uint32Array.from(kept)) });
      kept = [];
      from = kindOf.length;
    },
    finish() {
      const [kind, wanted, base] = [kindOf.join(), wantedOf.join(), baseOf.join()];
      const at = (index: number): Change => ({
        kind: kinds[kind[index]!]!,
        wantedRow: wanted[index]!,
        base: base[index]! < 0 ? undefined : rowOf(partAt(parts, index).rows, base[index]!),
      });
      return { count: kind.length, at };
    },
  };
}

function push(chunks: Chunks<Uint8Array> | Chunks<Int32Array>, value: number): void {
  chunks.makeRoom(1);
  chunks.chunk[chunks.used++] = value;
}

function keep({ customerId, segment, previousSegment, segmentSince, changeSeq }: TagSet, rows: Uint32Array): KeptRows {
  return {
    customerId: takeRows(customerId, rows) as IdColumn,
    segment: takeRows(segment, rows) as TextColumn,
    previousSegment: takeRows(previousSegment, rows) as TextColumn,
    segmentSince: takeRows(segmentSince, rows) as DayColumn,
    changeSeq: Float64Array.from({ length: rows.length }, (_, i) => changeSeq[rows[i]!]!),
  };
}

/** The last part that begins at the change or before it. */
function partAt(parts: readonly KeptPart[], index: number): KeptPart {
  let [low, high] = [0, parts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (parts[middle]!.from <= index) low = middle;
    else high = middle - 1;
  }
  return parts[low]!;
}

function rowOf(rows: KeptRows, row: number): ChangedRow {
  const textAt = (column: TextColumn): string | null =>
    isNull(column, row) ? null : column.dictionary[column.codes[row]!]!;
  return {
    customerId: idAt(rows.customerId, row),
    ids: rows.customerId,
    row,
    segment: textAt(rows.segment),
    previousSegment: textAt(rows.previousSegment),
    segmentSince: formatDay(rows.segmentSince.values[row]! as Day),
    changeSeq: rows.changeSeq[row]!,
  };
}
