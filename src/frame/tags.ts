import type { DayColumn, IdColumn, TextColumn } from './column.ts';

/** What a job's rows in its staging table say, in bytewise order of customer id. */
export type TagSet = {
  readonly rowCount: number;
  readonly customerId: IdColumn;
  /** Null for a customer that has left. */
  readonly segment: TextColumn;
  readonly segmentName: TextColumn;
  readonly campaign: TextColumn;
  readonly previousSegment: TextColumn;
  readonly segmentSince: DayColumn;
  /** `active` or `left`. */
  readonly state: TextColumn;
  /** Sequence number of the row's last change; what a publish expects to find unchanged. */
  readonly changeSeq: Float64Array;
  /** Canonical JSON; read only when scores decide about changes. */
  readonly scores?: TextColumn;
  /** 1 in the control group, 0 outside, -1 where the row doesn't say; absent where no row does. */
  readonly control?: Int8Array;
};

/** Whether a customer is in the control group; null where the job has none. */
export type ControlFlag = 0 | 1 | null;

export type ChangeKind = 'enter' | 'move' | 'leave' | 'update';

/** One customer whose row in the staging table is to change, and what it is to say. */
export type Candidate = {
  readonly customerId: string;
  readonly kind: ChangeKind;
  /** `change_seq` of the row as planned against; null when no row existed. */
  readonly expectedChangeSeq: number | null;
  readonly fromSegment: string | null;
  readonly segment: string | null;
  readonly segmentName: string | null;
  readonly campaign: string | null;
  readonly previousSegment: string | null;
  /** `YYYY-MM-DD` */
  readonly segmentSince: string;
  /** Canonical JSON. */
  readonly scores: string | null;
  readonly state: 'active' | 'left';
  readonly control?: ControlFlag;
  /** A leaver that is still in the source, but was dropped there as an outlier. */
  readonly dropped?: true;
};

/** The changed customers in bytewise order of id, made one at a time so that a million cost no memory. */
export type Candidates = { readonly count: number; at(index: number): Candidate };

/** What a row of the staging table says of its customer. */
export type TagState = Pick<
  Candidate,
  'segment' | 'segmentName' | 'campaign' | 'previousSegment' | 'segmentSince' | 'scores' | 'state'
> & { readonly control: ControlFlag };

/** A customer whose row may have to be written back. */
export type RestorableTag = {
  readonly customerId: string;
  /** `change_seq` of the row that is there now; null when there is none. */
  readonly rowSeq: number | null;
  /** What runs wrote last. */
  readonly now: TagState;
  /** What it said at the time that is to be restored; null when there was no such customer. */
  readonly then: TagState | null;
};

/** Rows of a job that don't say what its runs wrote, as customer ids in bytewise order. */
export type Drift = {
  readonly edited: readonly string[];
  readonly missing: readonly string[];
  /** Rows under the job's name that no run wrote; they are never touched. */
  readonly foreign: readonly string[];
};
