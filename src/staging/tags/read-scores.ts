import type { Store } from '../engines/engine.ts';
import { batches } from '../engines/rows.ts';

export type ScoreQuery = { readonly job: string; readonly table: string; readonly ids: readonly string[] };

const idsPerQuery = 500;

/** The scores of a few customers as published; customers without a row are absent. */
export async function readScores(
  { knex, engine }: Store,
  { job, table, ids }: ScoreQuery,
): Promise<ReadonlyMap<string, string | null>> {
  const scores = new Map<string, string | null>();
  for (const batch of batches(ids, idsPerQuery)) {
    const marks = batch.map(() => '?').join(', ');
    const sql = `select customer_id, scores from ?? where job = ? and customer_id in (${marks})`;
    const { rows } = await engine.run(knex, sql, [table, job, ...batch]);
    for (const row of rows) scores.set(String(row.customer_id), row.scores === null ? null : String(row.scores));
  }
  return scores;
}
