import type { TagTable } from '../tags/tag-columns.ts';
import type { Store } from '../engines/engine.ts';

/** A run that has written tags, and the numbers of its changes; without any, `lastSeq` is `firstSeq - 1`. */
export type WrittenRun = {
  readonly runId: string;
  readonly job: string;
  readonly asOf: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** It lies before the runs that are kept, so its tags can't be brought back. */
  readonly pruned: boolean;
};

/** The run of that id if it has written tags, whether or not it was rolled back since. */
export async function findWritten({ knex, engine }: Store, runId: string): Promise<WrittenRun | null> {
  const { rows } = await engine.run(
    knex,
    `select r.run_id, r.job, r.as_of, r.first_seq, r.last_seq, r.publish_seq - coalesce(f.publish_seq, 0) as kept_since
     from segtag_run r left join segtag_floor f on f.job = r.job
     where r.run_id = ? and r.status in ('published', 'rolled_back') and r.first_seq is not null`,
    [runId],
  );
  const [row] = rows;
  if (!row) return null;
  const [firstSeq, lastSeq] = [Number(row.first_seq), Number(row.last_seq)];
  const pruned = Number(row.kept_since) < 0;
  return { runId: String(row.run_id), job: String(row.job), asOf: String(row.as_of), firstSeq, lastSeq, pruned };
}

/** The model saved with a run, or null. */
export async function readModel({ knex, engine }: Store, runId: string): Promise<unknown> {
  const { rows } = await engine.run(knex, 'select model from segtag_model where run_id = ?', [runId]);
  return rows[0] ? JSON.parse(String(rows[0].model)) : null;
}

/**
 * What a rollback took away: the segment of each customer before it, null for one who had left. A
 * repair after the rollback changes nothing about that. Empty for any other run.
 */
export async function undoneBy(store: Store, runId: string): Promise<ReadonlyMap<string, string | null>> {
  const { knex, engine } = store;
  const { rows: runs } = await engine.run(
    knex,
    'select base_run_id, restores from segtag_run where run_id = ? and restores is not null',
    [runId],
  );
  const [run] = runs;
  if (!run) return new Map();
  if (run.restores === run.base_run_id) return undoneBy(store, String(run.restores));
  const { rows } = await engine.run(
    knex,
    "select customer_id, from_segment from segtag_candidate where run_id = ? and kind <> 'update'",
    [runId],
  );
  return new Map(
    rows.map((row) => [String(row.customer_id), row.from_segment === null ? null : String(row.from_segment)]),
  );
}

/** Active customers per segment, as the table says. */
export async function segmentSizes(
  { knex, engine }: Store,
  { job, table }: TagTable,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await engine.run(
    knex,
    "select segment, count(*) as customers from ?? where job = ? and state = 'active' group by segment",
    [table, job],
  );
  return new Map(rows.map((row) => [String(row.segment), Number(row.customers)]));
}
