import type { Knex } from 'knex';
import type { Store } from '../engines/engine.ts';
import { toInstant } from './run-record.ts';

/** What a person or the schedule decided about a run, and why. */
export type Decision = {
  readonly runId: string;
  readonly action: 'approve' | 'reject' | 'retry' | 'rollback' | 'repair';
  readonly decidedBy: string;
  readonly decidedAt: string;
  readonly reason: string | null;
};

/** Writes a decision down, in the transaction that carries it out. */
export async function recordDecision({ engine }: Store, trx: Knex.Transaction, decision: Decision): Promise<void> {
  const { runId, action, decidedBy, decidedAt, reason } = decision;
  await engine.run(
    trx,
    'insert into segtag_decision (run_id, decided_at, action, decided_by, reason) values (?, ?, ?, ?, ?)',
    [runId, engine.timestamp(decidedAt), action, decidedBy, reason],
  );
}

/** The decisions about these runs, oldest first. */
export async function listDecisions({ knex, engine }: Store, runIds: readonly string[]): Promise<Decision[]> {
  if (runIds.length === 0) return [];
  const { rows } = await engine.run(
    knex,
    `select run_id, decided_at, action, decided_by, reason from segtag_decision
     where run_id in (${runIds.map(() => '?').join(', ')}) order by decided_at`,
    runIds,
  );
  return rows.map((row) => ({
    runId: String(row.run_id),
    action: String(row.action) as Decision['action'],
    decidedBy: String(row.decided_by),
    decidedAt: toInstant(String(row.decided_at)),
    reason: row.reason === null ? null : String(row.reason),
  }));
}
