import { SegtagError } from '../../errors.ts';
import type { Row, Store } from '../engines/engine.ts';
import type { Value } from '../engines/rows.ts';
import { requireAboveFloor } from './floor.ts';
import { toInstant } from '../runs/run-record.ts';

/** One row of the change feed. */
export type Change = {
  readonly changeSeq: number;
  readonly job: string;
  readonly customerId: string;
  readonly kind: string;
  readonly fromSegment: string | null;
  readonly toSegment: string | null;
  readonly runId: string;
  readonly changedAt: string;
};

export type ChangeQuery = { readonly since: number; readonly limit: number; readonly job?: string };

/** How far a consumer has come, and how many changes lie before it. */
export type ConsumerPosition = { readonly consumer: string; readonly position: number; readonly lag: number };

/**
 * The changes after `since`, oldest first. Sequence numbers are given in commit order without gaps,
 * so whoever asks again from the last number seen misses nothing. Throws E_PRUNED where changes
 * after `since` are gone.
 */
export async function readChanges(store: Store, { since, limit, job }: ChangeQuery): Promise<Change[]> {
  const { knex, engine } = store;
  const onlyJob = job === undefined ? '' : 'and job = ?';
  const { rows } = await engine.run(
    knex,
    `select change_seq, job, customer_id, kind, from_segment, to_segment, run_id, changed_at
     from segment_change where change_seq > ? ${onlyJob} order by change_seq limit ?`,
    [since, ...(job === undefined ? [] : [job]), limit],
  );
  // Looked at last: the floor is raised before changes go.
  await requireAboveFloor(store, since, job);
  return rows.map(toChange);
}

/** Where a consumer stands; 0 before its first acknowledgement. */
export async function consumerPosition({ knex, engine }: Store, consumer: string): Promise<ConsumerPosition> {
  const { rows } = await engine.run(
    knex,
    `select (select position from segtag_consumer where consumer = ?) as position, value
     from segtag_sequence where name = 'change_seq'`,
    [consumer],
  );
  const position = Number(rows[0]?.position ?? 0);
  return { consumer, position, lag: Number(rows[0]?.value ?? 0) - position };
}

/** Records that a consumer has taken everything up to a number. It never goes back, nor beyond the feed's end. */
export async function acknowledge(store: Store, consumer: string, position: number): Promise<ConsumerPosition> {
  const { knex, engine } = store;
  const known = await consumerPosition(store, consumer);
  const newest = known.position + known.lag;
  if (position > newest || position < known.position) {
    throw new SegtagError('E_USAGE', {
      where: engine.place,
      what: `${consumer} stands at ${known.position} and the feed ends at ${newest}; ${position} is outside.`,
      remedy: 'Acknowledge the change_seq of the last change that was taken.',
    });
  }
  await knex.transaction(async (trx) => {
    const values: Value[] = [consumer];
    const columns = 'consumer, position, acknowledged_ms';
    await engine.run(trx, engine.insertIfAbsent('segtag_consumer', columns, '?, 0, 0'), values);
    await engine.run(
      trx,
      `update segtag_consumer set position = ?, acknowledged_ms = ${engine.nowMs} where consumer = ? and position <= ?`,
      [position, consumer, position],
    );
  });
  return { consumer, position, lag: newest - position };
}

/** A row of the feed as it was selected. */
export function toChange(row: Row): Change {
  return {
    changeSeq: Number(row.change_seq),
    job: String(row.job),
    customerId: String(row.customer_id),
    kind: String(row.kind),
    fromSegment: textOrNull(row.from_segment),
    toSegment: textOrNull(row.to_segment),
    runId: String(row.run_id),
    changedAt: toInstant(String(row.changed_at)),
  };
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}
