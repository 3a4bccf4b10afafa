import type { Store } from '../engines/engine.ts';
import { toInstant } from './run-record.ts';

/** One time of a job's schedule. */
export type Slot = { readonly job: string; /** ISO 8601, UTC. */ readonly scheduledAt: string };

/** Takes a slot for a run; false when any run has taken it before, on any host. */
export async function claimSlot(
  { knex, engine }: Store,
  slot: Slot,
  by: { readonly runId: string; readonly holder: string },
): Promise<boolean> {
  const columns = 'job, scheduled_at, run_id, claimed_by, claimed_ms';
  const sql = engine.insertIfAbsent('segtag_slot', columns, `?, ?, ?, ?, ${engine.nowMs}`);
  const values = [slot.job, engine.timestamp(slot.scheduledAt), by.runId, by.holder];
  return knex.transaction(async (trx) => (await engine.run(trx, sql, values)).affected === 1);
}

/** The newest slot that was taken, or null before the first. */
export async function newestSlot({ knex, engine }: Store, job: string): Promise<string | null> {
  const sql = 'select scheduled_at from segtag_slot where job = ? order by scheduled_at desc limit 1';
  const { rows } = await engine.run(knex, sql, [job]);
  return rows[0] ? toInstant(String(rows[0].scheduled_at)) : null;
}
