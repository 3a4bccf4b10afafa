import type { ListChanges } from '../../frame/recommendations.ts';
import type { Candidates } from '../../frame/tags.ts';
import type { Publish } from '../../job/schema.ts';
import type { Decision } from '../runs/decisions.ts';
import type { Lease } from '../runs/lease.ts';
import type { RunPatch } from '../runs/run-record.ts';

/** All that a run may write. */
export type Changes = {
  readonly candidates: Candidates;
  /** Changed lists of recommendations. */
  readonly lists?: ListChanges;
  /** Any JSON; null saves none. */
  readonly model: unknown;
};

/** What a publish is told. */
export type PublishOptions = {
  readonly runId: string;
  readonly job: string;
  readonly table: string;
  /** The published run that the candidates were computed against; null when there was none. */
  readonly baseRunId: string | null;
  /** With `delete`, candidates of kind leave remove their row. */
  readonly leavers: Publish['leavers'];
  /** What to publish, or `saved` when savePlan has kept it. */
  readonly changes: Changes | 'saved';
  readonly publishedAt: string;
  /** Refused unless it is still this run's; absent only where no run can compete. */
  readonly lease?: Lease;
  readonly patch?: Omit<RunPatch, 'status'>;
  /** Written down together with the publish. */
  readonly decision?: Decision;
};

/** What was written; without rows `lastSeq` is `firstSeq - 1`. */
export type Published = { readonly firstSeq: number; readonly lastSeq: number; readonly rows: number };
