import { canonicalJson } from '../../job/hash.ts';
import type { Engine, Row } from '../engines/engine.ts';
import type { Value } from '../engines/rows.ts';

export type RunStatus =
  | 'running'
  | 'no_change'
  | 'published'
  | 'planned'
  | 'held'
  | 'failed'
  | 'aborted'
  | 'crashed'
  | 'rejected'
  | 'superseded'
  | 'stale'
  | 'rolled_back';

/** One run of a job. Instants are ISO 8601 in UTC with milliseconds, dates `YYYY-MM-DD`. */
export type RunRecord = {
  readonly runId: string;
  readonly job: string;
  readonly targetTable: string;
  readonly status: RunStatus;
  readonly trigger: string;
  readonly slot: string | null;
  readonly asOf: string;
  readonly baseRunId: string | null;
  /** Of a rollback or a repair: the run whose tags it brings back. */
  readonly restores?: string | null;
  readonly jobHash: string | null;
  readonly sqlHash: string | null;
  readonly dataHash: string | null;
  readonly counts: Readonly<Record<string, number>>;
  /** Milliseconds per stage. */
  readonly timings: Readonly<Record<string, number>>;
  /** Any JSON. */
  readonly summary: unknown;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly publishedAt: string | null;
};

/** What may change of a run after its start; `publishedAt` is for publishing alone. */
export type RunPatch = Partial<Omit<RunRecord, 'runId' | 'job' | 'startedAt' | 'publishedAt'>>;

/** Statuses in which a run may still be published. */
export const openStatuses: readonly RunStatus[] = ['running', 'planned', 'held'];

/** Whether a failure lies in the way to the staging database, so that the same plan may go through later. */
export function isPassing(code: string | null | undefined): boolean {
  return code === 'E_CRM_LOST' || code === 'E_CRM_UNREACHABLE';
}

/** Statuses of runs that have written tags; their candidates are what they wrote. */
export const writtenStatuses: readonly RunStatus[] = ['published', 'rolled_back'];

type Shape = 'text' | 'instant' | 'json';
type RunColumn = readonly [key: keyof RunRecord, column: string, shape: Shape];

const runColumns: readonly RunColumn[] = [
  ['runId', 'run_id', 'text'],
  ['job', 'job', 'text'],
  ['targetTable', 'target_table', 'text'],
  ['status', 'status', 'text'],
  ['trigger', 'trigger', 'text'],
  ['slot', 'slot', 'instant'],
  ['asOf', 'as_of', 'text'],
  ['baseRunId', 'base_run_id', 'text'],
  ['restores', 'restores', 'text'],
  ['jobHash', 'job_hash', 'text'],
  ['sqlHash', 'sql_hash', 'text'],
  ['dataHash', 'data_hash', 'text'],
  ['counts', 'counts', 'json'],
  ['timings', 'timings', 'json'],
  ['summary', 'summary', 'json'],
  ['errorCode', 'error_code', 'text'],
  ['errorMessage', 'error_message', 'text'],
  ['startedAt', 'started_at', 'instant'],
  ['finishedAt', 'finished_at', 'instant'],
  ['publishedAt', 'published_at', 'instant'],
];

/** The columns and values that a run or a patch says something about. */
export function runValues(engine: Engine, run: Partial<RunRecord>): [column: string, value: Value][] {
  return runColumns
    .filter(([key]) => run[key] !== undefined)
    .map(([key, column, shape]) => [column, encode(engine, run[key], shape)]);
}

/** A row of segtag_run as a run. */
export function toRunRecord(row: Row): RunRecord {
  return Object.fromEntries(runColumns.map(([key, column, shape]) => [key, decode(row[column], shape)])) as RunRecord;
}

function encode(engine: Engine, value: unknown, shape: Shape): Value {
  if (shape === 'json') return canonicalJson(value);
  if (value === null) return null;
  return shape === 'instant' ? engine.timestamp(String(value)) : String(value);
}

function decode(value: unknown, shape: Shape): unknown {
  if (shape === 'json') return JSON.parse(String(value));
  if (value === null) return null;
  return shape === 'instant' ? toInstant(String(value)) : String(value);
}

/** An instant that an engine wrote, as ISO 8601: they write UTC as `2026-01-31 02:00:00`, with or without a fraction and `+00`. */
export function toInstant(text: string): string {
  return new Date(`${text.replace(' ', 'T').replace(/(\+00|Z)$/, '')}Z`).toISOString();
}
