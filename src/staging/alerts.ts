import type { Knex } from 'knex';
import type { Row, Store } from './engines/engine.ts';

/** What is remembered of one condition of a job. */
export type AlertRecord = {
  /** Null while all is well. */
  readonly sinceMs: number | null;
  readonly observedMs: number;
  readonly occurrences: number;
  readonly runId: string | null;
};

/** A message that a channel has not taken yet. */
export type StoredMessage = {
  readonly id: string;
  readonly channel: string;
  readonly job: string;
  readonly createdMs: number;
  readonly body: string;
};

export type AlertKey = { readonly job: string; readonly alert: string };

/** What becomes of a condition: its next record, and the messages about it. */
export type AlertChange = { readonly record: AlertRecord; readonly messages: readonly StoredMessage[] };

/**
 * Changes what is remembered of a condition and queues the messages about it, in one transaction that locks
 * the condition: of several hosts that see the same change, one tells it. `decide` gets null before the first.
 */
export async function changeAlert(
  { knex, engine }: Store,
  { job, alert }: AlertKey,
  decide: (current: AlertRecord | null) => AlertChange,
): Promise<void> {
  await knex.transaction(async (trx) => {
    const columns = 'job, alert, observed_ms, occurrences';
    await engine.run(trx, engine.insertIfAbsent('segtag_alert', columns, '?, ?, 0, 0'), [job, alert]);
  });
  await knex.transaction(async (trx) => {
    const { rows } = await engine.run(
      trx,
      `select since_ms, observed_ms, occurrences, run_id from segtag_alert where job = ? and alert = ?${engine.forUpdate}`,
      [job, alert],
    );
    const { record, messages } = decide(rows[0] ? toRecord(rows[0]) : null);
    await engine.run(
      trx,
      'update segtag_alert set since_ms = ?, observed_ms = ?, occurrences = ?, run_id = ? where job = ? and alert = ?',
      [record.sinceMs, record.observedMs, record.occurrences, record.runId, job, alert],
    );
    for (const message of messages) await queueMessage({ knex, engine }, trx, message);
  });
}

/** The conditions that last, of one job or of all. */
export async function activeAlerts({ knex, engine }: Store, job?: string): Promise<(AlertKey & AlertRecord)[]> {
  const { rows } = await engine.run(
    knex,
    `select * from segtag_alert where since_ms is not null ${job === undefined ? '' : 'and job = ?'} order by job, alert`,
    job === undefined ? [] : [job],
  );
  return rows.map((row) => ({ job: String(row.job), alert: String(row.alert), ...toRecord(row) }));
}

/** A message that nobody took for this long speaks of what is long past. */
const keptMs = 30 * 86_400_000;

/** The messages about a job that wait, oldest first; those that waited for a month are dropped. */
export async function pendingMessages({ knex, engine }: Store, job: string, nowMs: number): Promise<StoredMessage[]> {
  await knex.transaction((trx) =>
    engine.run(trx, 'delete from segtag_alert_message where job = ? and created_ms < ?', [job, nowMs - keptMs]),
  );
  const { rows } = await engine.run(
    knex,
    `select message_id, channel, job, created_ms, body from segtag_alert_message where job = ?
     order by created_ms, message_id`,
    [job],
  );
  return rows.map((row) => ({
    id: String(row.message_id),
    channel: String(row.channel),
    job: String(row.job),
    createdMs: Number(row.created_ms),
    body: String(row.body),
  }));
}

/** Takes a message for sending; false when another process has taken it less than `forMs` ago, or it was sent. */
export async function claimMessage({ knex, engine }: Store, message: StoredMessage, forMs: number): Promise<boolean> {
  const { affected } = await knex.transaction((trx) =>
    engine.run(
      trx,
      `update segtag_alert_message set claimed_ms = ${engine.nowMs}
       where message_id = ? and channel = ? and claimed_ms <= ${engine.nowMs} - ?`,
      [message.id, message.channel, forMs],
    ),
  );
  return affected === 1;
}

/** Gives a message back that could not be sent, for whoever comes next. */
export async function releaseMessage({ knex, engine }: Store, { id, channel }: StoredMessage): Promise<void> {
  await knex.transaction((trx) =>
    engine.run(trx, 'update segtag_alert_message set claimed_ms = 0 where message_id = ? and channel = ?', [
      id,
      channel,
    ]),
  );
}

/** Removes a message that was sent. */
export async function settleMessage({ knex, engine }: Store, { id, channel }: StoredMessage): Promise<void> {
  await knex.transaction((trx) =>
    engine.run(trx, 'delete from segtag_alert_message where message_id = ? and channel = ?', [id, channel]),
  );
}

async function queueMessage({ engine }: Store, trx: Knex.Transaction, message: StoredMessage): Promise<void> {
  const columns = 'message_id, channel, job, created_ms, claimed_ms, body';
  const sql = engine.insertIfAbsent('segtag_alert_message', columns, '?, ?, ?, ?, 0, ?');
  await engine.run(trx, sql, [message.id, message.channel, message.job, message.createdMs, message.body]);
}

function toRecord(row: Row): AlertRecord {
  return {
    sinceMs: row.since_ms === null ? null : Number(row.since_ms),
    observedMs: Number(row.observed_ms),
    occurrences: Number(row.occurrences),
    runId: row.run_id === null ? null : String(row.run_id),
  };
}
