import type { LoadedJob } from '../job/load-job.ts';
import type { Teller } from '../pipeline/telling/teller.ts';
import type { TuneSummary } from '../pipeline/inquiries/tune.ts';
import type { Staging } from '../staging/staging.ts';

/** What the dashboard knows of the project that it shows. Files are read anew for every request. */
export type Place = {
  readonly target: string;
  /** No form is shown, and none is taken. */
  readonly readOnly: boolean;
  /** Whose decisions are written down. */
  readonly decidedBy: string;
  /** Every job of the project; throws E_JOB_INVALID. */
  jobs(): readonly LoadedJob[];
  /** Throws E_NOT_FOUND or E_JOB_INVALID. */
  job(name: string): LoadedJob;
  /** Opens a connection of the target as staging for some work. */
  withStore<Result>(connection: string, work: (staging: Staging) => Promise<Result>): Promise<Result>;
  tellerOf(loaded: LoadedJob): Teller;
  /** What every job's runs amount to, as Prometheus text. */
  metrics(): Promise<string>;
  /** Starts a command of segtag in a process of its own, and doesn't wait for it. */
  start(args: readonly string[]): void;
  /** Weighs numbers of clusters for a job, in a process of its own; throws what that one failed with. */
  tune(job: string): Promise<TuneSummary>;
  now(): Date;
  /** Tells whoever keeps the service of a bug; the page says only that there was one. */
  complain(error: unknown): void;
};

/** The CRM connections that the jobs publish to, each once. */
export function connectionsOf(place: Place): string[] {
  return [...new Set(place.jobs().map(({ job }) => job.publish.connection))];
}
