import type { Store } from '../engines/engine.ts';
import { toChange, type Change } from './feed.ts';

export type CustomerQuery = { readonly job: string; readonly table: string; readonly customerId: string };

/** What the tag table says of a customer now. */
export type CustomerTag = {
  readonly segment: string | null;
  readonly segmentName: string | null;
  readonly campaign: string | null;
  readonly segmentSince: string;
  readonly state: string;
  readonly runId: string;
  /** Canonical JSON. */
  readonly scores: string | null;
};

/** A customer's row, if there is one, and its changes, newest first. */
export async function readCustomer(
  { knex, engine }: Store,
  { job, table, customerId }: CustomerQuery,
): Promise<{ readonly tag: CustomerTag | null; readonly changes: readonly Change[] }> {
  const found = await engine.run(
    knex,
    `select segment, segment_name, campaign, cast(segment_since as char(10)) as segment_since, state, run_id, scores
     from ?? where job = ? and customer_id = ?`,
    [table, job, customerId],
  );
  const { rows } = await engine.run(
    knex,
    `select change_seq, job, customer_id, kind, from_segment, to_segment, run_id, changed_at
     from segment_change where job = ? and customer_id = ? order by change_seq desc`,
    [job, customerId],
  );
  return { tag: found.rows[0] ? tagOf(found.rows[0]) : null, changes: rows.map(toChange) };
}

function tagOf(row: Readonly<Record<string, unknown>>): CustomerTag {
  const text = (column: string): string | null => {
    const value = row[column];
    if (value === null || value === undefined) return null;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return {
    segment: text('segment'),
    segmentName: text('segment_name'),
    campaign: text('campaign'),
    segmentSince: text('segment_since') ?? '',
    state: text('state') ?? '',
    runId: text('run_id') ?? '',
    scores: text('scores'),
  };
}
