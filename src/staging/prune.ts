import type { Knex } from 'knex';
import type { Row, Store } from './engines/engine.ts';
import { batches } from './engines/rows.ts';
import { feedFloor } from './tags/floor.ts';
import { newestSlot } from './runs/slot.ts';

export type PruneOptions = {
  readonly job: string;
  /** Published runs to keep whole, the newest ones. */
  readonly keepRuns: number;
  /** ISO 8601: whatever was published since then is kept as well. */
  readonly keepSince?: string;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
};

/** What was removed, or would be. */
export type Pruned = {
  readonly job: string;
  /** The oldest run that a rollback can still bring back; null when there are too few runs to remove any. */
  readonly oldestKept: string | null;
  /** Changes up to here may be missing from the feed. */
  readonly floor: number;
  /** Changes, each with what was written for it, that newer ones have overtaken. */
  readonly changes: number;
  readonly models: number;
  /** Records of runs that published nothing. */
  readonly runs: number;
  readonly slots: number;
  /** Consumers of the feed that have come less far than the floor. */
  readonly consumersBelow: readonly string[];
};

type Kept = {
  readonly runId: string;
  readonly publishSeq: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly startedAt: unknown;
};

/**
 * Removes the history of a job before the oldest run that is kept. The newest change of each
 * customer at that run stays, so the table can still be told from the feed, and every kept run be
 * brought back. The floor of the feed is raised before anything goes. Decisions stay.
 */
export async function prune(store: Store, options: PruneOptions): Promise<Pruned> {
  const { job } = options;
  const kept = await oldestKept(store, options);
  if (!kept) return { ...nothing, job, floor: await feedFloor(store, job) };
  const floor = Math.max(kept.firstSeq - 1, await feedFloor(store, job));
  const found = {
    job,
    oldestKept: kept.runId,
    floor,
    changes: await countOvertaken(store, job, kept),
    models: (await oldModels(store, job, kept)).length,
    runs: (await oldRuns(store, job, kept)).length,
    slots: (await oldSlots(store, job, kept)).length,
    consumersBelow: await consumersBelow(store, floor),
  };
  if (!options.dryRun) await remove(store, options, { kept, floor });
  return found;
}

const nothing = { oldestKept: null, changes: 0, models: 0, runs: 0, slots: 0, consumersBelow: [] } as const;

async function oldestKept(
  { knex, engine }: Store,
  { job, keepRuns, keepSince }: PruneOptions,
): Promise<Kept | undefined> {
  const written = `from segtag_run where job = ? and status in ('published', 'rolled_back') and first_seq is not null`;
  const { rows: since } = await engine.run(knex, `select min(publish_seq) as seq ${written} and published_at >= ?`, [
    job,
    engine.timestamp(keepSince ?? '9999-01-01T00:00:00.000Z'),
  ]);
  const { rows } = await engine.run(
    knex,
    `select run_id, publish_seq, first_seq, last_seq, started_at ${written} order by publish_seq desc`,
    [job],
  );
  const oldestYoung = Number(since[0]?.seq ?? Number.POSITIVE_INFINITY);
  const nth = rows[Math.min(keepRuns, rows.length) - 1];
  const row = rows.findLast(({ publish_seq: seq }) => Number(seq) >= Math.min(oldestYoung, Number(nth?.publish_seq)));
  if (!row || row === rows.at(-1)) return undefined;
  return {
    runId: String(row.run_id),
    publishSeq: Number(row.publish_seq),
    firstSeq: Number(row.first_seq),
    lastSeq: Number(row.last_seq),
    startedAt: row.started_at,
  };
}

/** Changes before the kept run that it, or one before it, has followed by another of the same customer. */
const overtaken = `from segment_change s join segtag_run r on r.run_id = s.run_id
  where s.job = ? and s.change_seq < ? and s.change_seq > ? and exists
    (select 1 from segment_change n where n.job = s.job and n.customer_id = s.customer_id
       and n.change_seq > s.change_seq and n.change_seq <= ?)`;

async function countOvertaken({ knex, engine }: Store, job: string, { firstSeq, lastSeq }: Kept): Promise<number> {
  const { rows } = await engine.run(knex, `select count(*) as count ${overtaken}`, [job, firstSeq, 0, lastSeq]);
  return Number(rows[0]?.count);
}

async function oldModels({ knex, engine }: Store, job: string, { publishSeq }: Kept): Promise<string[]> {
  const { rows } = await engine.run(
    knex,
    `select m.run_id from segtag_model m join segtag_run r on r.run_id = m.run_id where r.job = ? and r.publish_seq < ?`,
    [job, publishSeq],
  );
  return rows.map(runIdOf);
}

async function oldRuns({ knex, engine }: Store, job: string, { startedAt }: Kept): Promise<string[]> {
  const { rows } = await engine.run(
    knex,
    `select r.run_id from segtag_run r where r.job = ? and r.publish_seq is null and r.started_at < ?
       and r.status not in ('running', 'planned', 'held')
       and not exists (select 1 from segtag_decision d where d.run_id = r.run_id)`,
    [job, String(startedAt)],
  );
  return rows.map(runIdOf);
}

async function oldSlots(store: Store, job: string, { startedAt }: Kept): Promise<string[]> {
  const { knex, engine } = store;
  const newest = await newestSlot(store, job);
  if (newest === null) return [];
  const { rows } = await engine.run(
    knex,
    'select scheduled_at from segtag_slot where job = ? and scheduled_at < ? and scheduled_at < ?',
    [job, String(startedAt), engine.timestamp(newest)],
  );
  return rows.map((row) => String(row.scheduled_at));
}

async function consumersBelow({ knex, engine }: Store, floor: number): Promise<string[]> {
  const sql = 'select consumer from segtag_consumer where position < ? order by consumer';
  const { rows } = await engine.run(knex, sql, [floor]);
  return rows.map(({ consumer }) => String(consumer));
}

async function remove(
  store: Store,
  { job, signal }: PruneOptions,
  { kept, floor }: { readonly kept: Kept; readonly floor: number },
): Promise<void> {
  await raiseFloor(store, job, { floor, publishSeq: kept.publishSeq });
  await removeOvertaken(store, { job, kept, signal });
  await removeEach(store, 'delete from segtag_model where run_id = ?', await oldModels(store, job, kept));
  await removeEach(store, 'delete from segtag_run where run_id = ?', await oldRuns(store, job, kept));
  const slots = await oldSlots(store, job, kept);
  const { knex, engine } = store;
  await knex.transaction(async (trx) => {
    for (const slot of slots)
      await engine.run(trx, 'delete from segtag_slot where job = ? and scheduled_at = ?', [job, slot]);
    const sql = "update segtag_run set summary = 'null' where job = ? and publish_seq < ?";
    await engine.run(trx, sql, [job, kept.publishSeq]);
    await removeFigures(engine, trx, { job, kept });
  });
}

/** Of runs that are gone or older than the kept ones. */
async function removeFigures(
  engine: Store['engine'],
  trx: Knex.Transaction,
  { job, kept }: { readonly job: string; readonly kept: Kept },
): Promise<void> {
  const young = `select r.run_id from segtag_run r where r.job = ? and (r.publish_seq >= ? or (r.publish_seq is null
    and (r.started_at >= ? or r.status in ('running', 'planned', 'held'))))`;
  const sql = `delete from segtag_figures where job = ? and run_id not in (${young})`;
  await engine.run(trx, sql, [job, job, kept.publishSeq, String(kept.startedAt)]);
}

async function raiseFloor(
  { knex, engine }: Store,
  job: string,
  { floor, publishSeq }: { readonly floor: number; readonly publishSeq: number },
): Promise<void> {
  await knex.transaction(async (trx) => {
    await engine.run(trx, engine.insertIfAbsent('segtag_floor', 'job, change_seq, publish_seq', '?, 0, 0'), [job]);
    const sql = 'update segtag_floor set change_seq = ?, publish_seq = ? where job = ? and publish_seq <= ?';
    await engine.run(trx, sql, [floor, publishSeq, job, publishSeq]);
  });
}

const changesPerBatch = 1000;

/** In small transactions, so that nobody waits long. */
async function removeOvertaken(
  store: Store,
  { job, kept, signal }: { readonly job: string; readonly kept: Kept; readonly signal: AbortSignal },
): Promise<void> {
  const { knex, engine } = store;
  const select = `select s.change_seq, s.run_id, s.change_seq - r.first_seq + 1 as position ${overtaken}
    order by s.change_seq limit ${changesPerBatch}`;
  for (let after = 0; ;) {
    signal.throwIfAborted();
    const { rows } = await engine.run(knex, select, [job, kept.firstSeq, after, kept.lastSeq]);
    if (rows.length === 0) return;
    await knex.transaction(async (trx) => {
      const numbers = rows.map(({ change_seq: seq }) => Number(seq));
      await engine.run(trx, `delete from segment_change where change_seq in (${marks(numbers)})`, numbers);
      for (const [runId, positions] of byRun(rows)) {
        const sql = `delete from segtag_candidate where run_id = ? and position in (${marks(positions)})`;
        await engine.run(trx, sql, [runId, ...positions]);
      }
    });
    after = Number(rows.at(-1)?.change_seq);
  }
}

function byRun(rows: readonly Row[]): Map<string, number[]> {
  const positions = new Map<string, number[]>();
  for (const row of rows) {
    const ofRun = positions.get(runIdOf(row)) ?? [];
    ofRun.push(Number(row.position));
    positions.set(runIdOf(row), ofRun);
  }
  return positions;
}

async function removeEach({ knex, engine }: Store, sql: string, runIds: readonly string[]): Promise<void> {
  for (const batch of batches(runIds, 100))
    await knex.transaction(async (trx) => {
      for (const runId of batch) await engine.run(trx, sql, [runId]);
    });
}

function runIdOf({ run_id: runId }: Row): string {
  return String(runId);
}

function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
