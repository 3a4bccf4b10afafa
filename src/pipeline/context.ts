import type { Day } from '../frame/day.ts';
import type { ResolvedConnection } from '../job/connections-schema.ts';
import type { LoadedJob } from '../job/load-job.ts';
import type { Logger } from '../logger.ts';
import type { StagingOptions } from '../staging/connect.ts';
import type { ReportAhead } from './nights/report-ahead.ts';
import type { Telling } from './telling/teller.ts';

export type StageName =
  | 'ready'
  | 'extract'
  | 'check'
  | 'outliers'
  | 'features'
  | 'segment'
  | 'label'
  | 'divide'
  | 'compare'
  | 'recommend'
  | 'plan'
  | 'guard'
  | 'publish';

/** What a run tells whoever watches it. */
export type Progress = {
  started(stage: StageName): void;
  /** `done` rows or customers so far, of about as many as `expected` where an earlier night tells. */
  advanced(stage: StageName, done: number, expected?: number): void;
  /** `note` is one line for a person, without customer data. */
  finished(stage: StageName, note: string, elapsedMs: number): void;
  /** `note` says what the run waits for. */
  waiting(note: string): void;
};

/** All that a run depends on: the clock, the identity of the run and the abort signal come in here. */
export type RunContext = {
  readonly projectDir: string;
  readonly loaded: LoadedJob;
  readonly target: string;
  readonly warehouse: ResolvedConnection;
  readonly crm: ResolvedConnection;
  readonly runId: string;
  readonly asOf: Day;
  readonly trigger: 'manual' | 'schedule' | 'catch_up' | 'retry';
  /** The time of the schedule that this run is for; it is claimed before work, once on all hosts. */
  readonly slot?: Date;
  /** `plan` computes and keeps; `publish` also writes the tags. */
  readonly mode: 'plan' | 'publish';
  readonly allowOlder: boolean;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly log: Logger;
  /** How long after its last sign of life a run counts as dead; a minute unless a test can't wait. */
  readonly leaseMs?: number;
  /** Pause after the first transient failure of a step; half a second unless a test can't wait. */
  readonly firstPauseMs?: number;
  /** Pause between two looks at whether the source is ready; half a minute unless a test can't wait. */
  readonly readyPollMs?: number;
  /** How long locks and a silent CRM database are waited for. */
  readonly patience?: StagingOptions;
  /** Who is told how the run ends; nobody where it is absent. */
  readonly telling?: Telling;
  /** The stage that the run is in, for whoever tells of its failure. */
  readonly currentStage?: () => StageName | undefined;
  /** Where reports are written, a folder for each job; nowhere where it is absent. */
  readonly reportFolder?: string;
  /** Draws the report while the changes are written; where it is absent, that begins afterwards. */
  readonly reportAhead?: ReportAhead;
  /** Worker threads of the fit; the result does not depend on it. */
  readonly threads?: number;
};

/** What reading, preparing and clustering the customers depend on, whether or not a run comes of it. */
export type ReadContext = Pick<
  RunContext,
  'projectDir' | 'loaded' | 'warehouse' | 'runId' | 'asOf' | 'signal' | 'progress' | 'threads'
> & {
  /** Customers of an earlier night, by which progress is told. */
  readonly expectedRows?: number | undefined;
};
