import type { Knex } from 'knex';
import { SegtagError } from '../../errors.ts';
import { canonicalJson } from '../../job/hash.ts';
import { dropPlan } from '../publish/candidates.ts';
import { recordDecision, type Decision } from './decisions.ts';
import type { Row, Store } from '../engines/engine.ts';
import type { Value } from '../engines/rows.ts';
import {
  openStatuses,
  isPassing,
  runValues,
  toRunRecord,
  writtenStatuses,
  type RunPatch,
  type RunRecord,
} from './run-record.ts';

/** The newest published run of a job, with the model that it used. */
export type PublishedBase = {
  readonly runId: string;
  /** The newest date that it stands for: its own, or that of a later night without a change. */
  readonly asOf: string;
  readonly targetTable: string;
  readonly model: unknown;
};

/** Adds a run. */
export async function insertRun({ knex, engine }: Store, run: RunRecord): Promise<void> {
  const values = runValues(engine, run);
  const columns = values.map(() => '??').join(', ');
  const marks = values.map(() => '?').join(', ');
  const bindings = [...values.map(([column]) => column), ...values.map(([, value]) => value)];
  await knex.transaction((trx) => engine.run(trx, `insert into segtag_run (${columns}) values (${marks})`, bindings));
}

/**
 * Changes a run. False, with nothing written, when the run is published and the patch says
 * otherwise: a process that fails after its publish can't unpublish it. A decision is written down
 * with the change.
 */
export async function updateRun(store: Store, runId: string, patch: RunPatch, decision?: Decision): Promise<boolean> {
  return store.knex.transaction(async (trx) => {
    const status = await lockedStatus(store, trx, runId);
    const withdraws = patch.status !== undefined && patch.status !== 'published' && patch.status !== 'rolled_back';
    if (status === 'published' && withdraws) return false;
    await patchRun(store, trx, runId, runValues(store.engine, patch));
    if (patch.status !== undefined && !keepsPlan(patch)) await dropPlan(store, trx, runId);
    if (decision) await recordDecision(store, trx, decision);
    return true;
  });
}

/** A run that failed for a passing reason keeps what it computed, so that `retry` can go on from there. */
function keepsPlan({ status, errorCode }: RunPatch): boolean {
  if (status === undefined || openStatuses.includes(status) || writtenStatuses.includes(status)) return true;
  return status === 'failed' && isPassing(errorCode);
}

/** The run of that id, or null. */
export async function findRun({ knex, engine }: Store, runId: string): Promise<RunRecord | null> {
  const { rows } = await engine.run(knex, 'select * from segtag_run where run_id = ?', [runId]);
  return rows[0] ? toRunRecord(rows[0]) : null;
}

/** The newest runs, of one job or of all, newest first. */
export async function listRuns(
  { knex, engine }: Store,
  { job, limit }: { readonly job?: string; readonly limit: number },
): Promise<RunRecord[]> {
  const where = job === undefined ? '' : 'where job = ?';
  const { rows } = await engine.run(
    knex,
    `select * from segtag_run ${where} order by started_at desc, run_id desc limit ?`,
    [...(job === undefined ? [] : [job]), limit],
  );
  return rows.map(toRunRecord);
}

/** What the next night is compared with, or null before the first publish. */
export async function publishedBase({ knex, engine }: Store, job: string): Promise<PublishedBase | null> {
  const { rows } = await engine.run(
    knex,
    `select r.run_id, r.as_of, r.target_table, m.model, (select max(n.as_of) from segtag_run n
         where n.job = r.job and n.status = 'no_change' and n.base_run_id = r.run_id) as confirmed
     from segtag_run r left join segtag_model m on m.run_id = r.run_id
     where r.job = ? and r.status = 'published' order by r.publish_seq desc limit 1`,
    [job],
  );
  const [row] = rows;
  if (!row) return null;
  const model: unknown = row.model === null ? null : JSON.parse(String(row.model));
  const dates = [row.as_of, row.confirmed].filter((date) => date !== null).map(String);
  return { runId: String(row.run_id), asOf: dates.toSorted().at(-1)!, targetTable: String(row.target_table), model };
}

/** Closes the job's planned and held runs but one, and forgets what failed ones kept: a newer computed run has taken their place. */
export async function supersede(store: Store, job: string, newestRunId: string): Promise<void> {
  await store.knex.transaction(async (trx) => {
    const { rows } = await store.engine.run(
      trx,
      `select run_id, status from segtag_run r where job = ? and run_id <> ? and (status in ('planned', 'held')
         or (status = 'failed' and (exists (select 1 from segtag_candidate c where c.run_id = r.run_id)
           or exists (select 1 from segtag_recommendation l where l.run_id = r.run_id))))${store.engine.forUpdate}`,
      [job, newestRunId],
    );
    for (const { run_id: runId, status } of rows) {
      if (status !== 'failed') await patchRun(store, trx, String(runId), [['status', 'superseded']]);
      await dropPlan(store, trx, String(runId));
    }
  });
}

/** Replaces the model of a published run by one that says the same of every customer. */
export async function renewModel(
  store: Store,
  run: { readonly runId: string; readonly job: string; readonly model: unknown },
): Promise<void> {
  await store.knex.transaction((trx) => saveModel(store, trx, { ...run, model: canonicalJson(run.model) }));
}

/** How many customers the job's last successful runs extracted, newest first. */
export async function recentExtracted({ knex, engine }: Store, job: string, limit: number): Promise<number[]> {
  const { rows } = await engine.run(
    knex,
    `select counts from segtag_run where job = ? and status in ('published', 'no_change', 'rolled_back')
     order by started_at desc, run_id desc limit ?`,
    [job, limit],
  );
  return rows.map(extractedCount).filter((count) => count !== undefined);
}

function extractedCount({ counts }: Row): number | undefined {
  return (JSON.parse(String(counts)) as { extracted?: number }).extracted;
}

/** The status of a run, whose row is locked until the transaction ends. */
export async function lockedStatus({ engine }: Store, trx: Knex.Transaction, runId: string): Promise<string> {
  const sql = `select status from segtag_run where run_id = ?${engine.forUpdate}`;
  const { rows } = await engine.run(trx, sql, [runId]);
  if (rows[0]) return String(rows[0].status);
  throw new SegtagError('E_NOT_FOUND', {
    where: engine.place,
    what: `There is no run ${runId}.`,
    remedy: 'segtag runs lists the runs.',
  });
}

/** What a publish must know of its run, whose row is locked until the transaction ends. */
export async function lockedRun(
  store: Store,
  trx: Knex.Transaction,
  runId: string,
): Promise<{ readonly status: string; readonly restores: string | null }> {
  const status = await lockedStatus(store, trx, runId);
  const { rows } = await store.engine.run(trx, 'select restores from segtag_run where run_id = ?', [runId]);
  const restores = rows[0]?.restores ?? null;
  return { status, restores: restores === null ? null : String(restores) };
}

/** Sets columns of a run's row. */
export async function patchRun(
  { engine }: Store,
  trx: Knex.Transaction,
  runId: string,
  values: readonly (readonly [column: string, value: Value])[],
): Promise<void> {
  if (values.length === 0) return;
  const assignments = values.map(() => '?? = ?').join(', ');
  await engine.run(trx, `update segtag_run set ${assignments} where run_id = ?`, [...values.flat(), runId]);
}

/** Saves the model of a run in place of an earlier one; null saves none. */
export async function saveModel(
  { engine }: Store,
  trx: Knex.Transaction,
  run: { readonly runId: string; readonly job: string; readonly model: string | null },
): Promise<void> {
  await engine.run(trx, 'delete from segtag_model where run_id = ?', [run.runId]);
  if (run.model === null) return;
  await engine.run(trx, 'insert into segtag_model (run_id, job, model) values (?, ?, ?)', [
    run.runId,
    run.job,
    run.model,
  ]);
}
