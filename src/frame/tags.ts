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
};

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
  /** A leaver that is still in the source, but was dropped there as an outlier. */
  readonly dropped?: true;
};

/** The changed customers in bytewise order of id, made one at a time so that a million cost no memory. */
export type Candidates = { readonly count: number; at(index: number): Candidate };
