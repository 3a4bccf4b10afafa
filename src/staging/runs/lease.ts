import type { Knex } from 'knex';
import { SegtagError } from '../../errors.ts';
import { dropPlan } from '../publish/candidates.ts';
import type { Row, Store } from '../engines/engine.ts';

/** The right to run a job. Its token grows with each holder, so that an old holder is told apart. */
export type Lease = { readonly job: string; readonly token: number };

export type LeaseRequest = {
  readonly job: string;
  readonly runId: string;
  /** Host and process, for the message to whoever comes second. */
  readonly holder: string;
  readonly leaseMs: number;
};

/**
 * Takes the job's lease by the database's clock. Throws E_ALREADY_RUNNING while another run holds
 * it. Whoever holds the lease knows that every other run of the job that has not ended is dead: these are
 * marked `crashed` and their candidates are dropped.
 */
export async function acquireLease(store: Store, request: LeaseRequest): Promise<Lease> {
  const { job, runId, holder, leaseMs } = request;
  const { knex, engine } = store;
  await knex.transaction(async (trx) => {
    const columns = 'job, token, acquired_ms, expires_ms';
    await engine.run(trx, engine.insertIfAbsent('segtag_lease', columns, '?, 0, 0, 0'), [job]);
  });
  return knex.transaction(async (trx) => {
    const current = await lockedLease(store, trx, job);
    if (current.run_id !== null && Number(current.expires_ms) > Number(current.now_ms)) refuse(store, request, current);
    await buryRuns(store, trx, { job, runId });
    const token = Number(current.token) + 1;
    await engine.run(
      trx,
      `update segtag_lease set token = ?, run_id = ?, holder = ?, acquired_ms = ${engine.nowMs},
         expires_ms = ${engine.nowMs} + ? where job = ?`,
      [token, runId, holder, leaseMs, job],
    );
    return { job, token };
  });
}

/** Who holds the lease of a job, by the database's clock; `expired` holders are dead or paused. */
export type LeaseHolder = {
  readonly job: string;
  readonly runId: string;
  readonly holder: string;
  readonly acquiredAt: string;
  readonly ageMs: number;
  readonly expired: boolean;
};

/** The leases that are held right now. */
export async function leaseHolders({ knex, engine }: Store): Promise<LeaseHolder[]> {
  const { rows } = await engine.run(
    knex,
    `select job, run_id, holder, acquired_ms, expires_ms, ${engine.nowMs} as now_ms
     from segtag_lease where run_id is not null order by job`,
    [],
  );
  return rows.map((row) => ({
    job: String(row.job),
    runId: String(row.run_id),
    holder: String(row.holder),
    acquiredAt: new Date(Number(row.acquired_ms)).toISOString(),
    ageMs: Number(row.now_ms) - Number(row.acquired_ms),
    expired: Number(row.expires_ms) <= Number(row.now_ms),
  }));
}

/** Marks the runs whose lease has run out as `crashed`, drops their candidates, and frees their jobs; returns their ids by job. */
export async function buryDeadRuns(store: Store): Promise<ReadonlyMap<string, string>> {
  const buried = new Map<string, string>();
  for (const { job, expired } of await leaseHolders(store)) {
    if (!expired) continue;
    await store.knex.transaction(async (trx) => {
      const current = await lockedLease(store, trx, job);
      if (current.run_id === null || Number(current.expires_ms) > Number(current.now_ms)) return;
      for (const runId of await buryRuns(store, trx, { job, runId: null })) buried.set(job, runId);
      await store.engine.run(trx, 'update segtag_lease set run_id = null where job = ? and token = ?', [
        job,
        Number(current.token),
      ]);
    });
  }
  return buried;
}

/** Prolongs a lease; false when another has it, or it has expired. */
export async function renewLease({ knex, engine }: Store, lease: Lease, leaseMs: number): Promise<boolean> {
  return knex.transaction(async (trx) => {
    const { affected } = await engine.run(
      trx,
      `update segtag_lease set expires_ms = ${engine.nowMs} + ?
       where job = ? and token = ? and expires_ms > ${engine.nowMs}`,
      [leaseMs, lease.job, lease.token],
    );
    return affected === 1;
  });
}

/** Gives a lease back; nothing happens when another has taken it. */
export async function releaseLease({ knex, engine }: Store, lease: Lease): Promise<void> {
  await knex.transaction((trx) =>
    engine.run(trx, 'update segtag_lease set run_id = null, expires_ms = 0 where job = ? and token = ?', [
      lease.job,
      lease.token,
    ]),
  );
}

/** Inside a publish: throws E_LEASE_LOST unless the lease is still this run's and has not expired. */
export async function requireLease(store: Store, trx: Knex.Transaction, lease: Lease): Promise<void> {
  const current = await lockedLease(store, trx, lease.job);
  if (Number(current.token) === lease.token && Number(current.expires_ms) > Number(current.now_ms)) return;
  throw new SegtagError('E_LEASE_LOST', {
    where: store.engine.place,
    what: `The lease of ${lease.job} ran out while this run was computed or paused. Nothing was published.`,
    remedy: 'Run the job again.',
  });
}

/** What follows a long transaction at once has this much time until the heartbeat is heard again. */
const graceMs = 60_000;

/**
 * Work in a transaction that keeps others out and stops this process's heartbeat: needs the lease when it begins, and
 * prolongs it when it ends, since nobody can have taken it in between. Elsewhere just the work.
 */
export async function keepingLease<Result>(
  store: Store,
  trx: Knex.Transaction,
  { lease, work }: { readonly lease: Lease | undefined; readonly work: () => Promise<Result> },
): Promise<Result> {
  const { engine } = store;
  if (!lease || !engine.writesAlone) return work();
  await requireLease(store, trx, lease);
  const result = await work();
  const sql = `update segtag_lease set expires_ms = ${engine.nowMs} + ? where job = ? and token = ? and expires_ms < ${engine.nowMs} + ?`;
  await engine.run(trx, sql, [graceMs, lease.job, lease.token, graceMs]);
  return result;
}

async function lockedLease({ engine }: Store, trx: Knex.Transaction, job: string): Promise<Row> {
  const sql = `select token, run_id, holder, acquired_ms, expires_ms, ${engine.nowMs} as now_ms
    from segtag_lease where job = ?${engine.forUpdate}`;
  const { rows } = await engine.run(trx, sql, [job]);
  return rows[0] ?? { token: 0, run_id: null, holder: null, acquired_ms: 0, expires_ms: 0, now_ms: 0 };
}

function refuse({ engine }: Store, { job }: LeaseRequest, current: Row): never {
  const since = new Date(Number(current.acquired_ms)).toISOString();
  throw new SegtagError('E_ALREADY_RUNNING', {
    where: engine.place,
    what: `${job} is running: ${String(current.run_id)} on ${String(current.holder)} since ${since}.`,
    remedy: 'Wait for it to end; a run that died frees the job within two minutes.',
  });
}

/** Marks the job's running runs but one as crashed; returns their ids. */
async function buryRuns(
  store: Store,
  trx: Knex.Transaction,
  { job, runId }: { readonly job: string; readonly runId: string | null },
): Promise<string[]> {
  const { rows } = await store.engine.run(
    trx,
    "select run_id from segtag_run where job = ? and run_id <> ? and status = 'running'",
    [job, runId ?? ''],
  );
  const buried: string[] = [];
  for (const { run_id: dead } of rows) {
    const { affected } = await store.engine.run(
      trx,
      `update segtag_run set status = 'crashed', error_code = 'E_LEASE_LOST' where run_id = ? and status = 'running'`,
      [String(dead)],
    );
    if (affected === 0) continue;
    await dropPlan(store, trx, String(dead));
    buried.push(String(dead));
  }
  return buried;
}
