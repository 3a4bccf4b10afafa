import type { Store } from '../engines/engine.ts';
import { toInstant, toRunRecord, type RunRecord, type RunStatus } from './run-record.ts';

/** Statuses of runs after which the tags were as they should be. */
const successes = "('published', 'no_change', 'rolled_back')";

/** The newest night of a job that left the tags as they should be; no failure and no rollback takes its place. */
export async function lastSuccess({ knex, engine }: Store, job: string): Promise<RunRecord | null> {
  const { rows } = await engine.run(
    knex,
    `select * from segtag_run where job = ? and restores is null and status in ${successes}
     order by coalesce(published_at, finished_at) desc, run_id desc limit 1`,
    [job],
  );
  return rows[0] ? toRunRecord(rows[0]) : null;
}

/** When a successful run made the tags what they should be. */
export function succeededAt({ publishedAt, finishedAt, startedAt }: RunRecord): string {
  return publishedAt ?? finishedAt ?? startedAt;
}

/** Every job that has a run in the store, in order. */
export async function knownJobs({ knex, engine }: Store): Promise<string[]> {
  const { rows } = await engine.run(knex, 'select distinct job from segtag_run order by job', []);
  return rows.map(({ job }) => String(job));
}

export type StatusCount = { readonly job: string; readonly status: RunStatus; readonly runs: number };

/** How many runs of each job the store has in each status. */
export async function runsByStatus({ knex, engine }: Store): Promise<StatusCount[]> {
  const sql = 'select job, status, count(*) as runs from segtag_run group by job, status order by job, status';
  const { rows } = await engine.run(knex, sql, []);
  return rows.map((row) => ({
    job: String(row.job),
    status: String(row.status) as RunStatus,
    runs: Number(row.runs),
  }));
}

/** How far a reader of the feed is behind with the changes of one job. */
export type ConsumerLag = {
  readonly consumer: string;
  /** Changes of the job that it has not acknowledged. */
  readonly changes: number;
  /** When the oldest of them was published; null when there is none. */
  readonly oldestAt: string | null;
};

/** The lag of these readers, or of all that ever acknowledged anything. */
export async function consumerLags(
  { knex, engine }: Store,
  job: string,
  names?: readonly string[],
): Promise<ConsumerLag[]> {
  const { rows } = await engine.run(knex, 'select consumer, position from segtag_consumer order by consumer', []);
  const positions = new Map(rows.map((row) => [String(row.consumer), Number(row.position)]));
  const lags: ConsumerLag[] = [];
  for (const consumer of names ?? positions.keys()) {
    const unread = await engine.run(
      knex,
      'select count(*) as changes, min(changed_at) as oldest from segment_change where job = ? and change_seq > ?',
      [job, positions.get(consumer) ?? 0],
    );
    const { changes, oldest } = unread.rows[0] ?? {};
    const oldestAt = oldest === null || oldest === undefined ? null : toInstant(String(oldest));
    lags.push({ consumer, changes: Number(changes ?? 0), oldestAt });
  }
  return lags;
}
