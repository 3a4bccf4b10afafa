import type { RestorableTag } from '../../frame/tags.ts';
import type { Row, Store } from '../engines/engine.ts';
import { batches, type Value } from '../engines/rows.ts';
import { joinWritten, selectState, stateOf } from './tag-columns.ts';

/** Which customers: those that changed after a number, or these; both as they were at that number. */
export type RestoreQuery = {
  readonly job: string;
  readonly table: string;
  /** The number whose state is to be restored. */
  readonly atSeq: number;
  /** Only these, changed since or not; all that changed since where absent. */
  readonly ids?: readonly string[];
};

const idsPerQuery = 500;

/** What runs wrote last and at an earlier number, for each customer asked for, in bytewise order of id. */
export async function readRestorable(store: Store, query: RestoreQuery): Promise<RestorableTag[]> {
  const { ids, atSeq } = query;
  if (ids === undefined) return readBatch(store, query, { sql: 'change_seq > ?', values: [atSeq] });
  const found: RestorableTag[] = [];
  for (const batch of batches(ids, idsPerQuery)) {
    const sql = `customer_id in (${batch.map(() => '?').join(', ')})`;
    found.push(...(await readBatch(store, query, { sql, values: batch })));
  }
  return found;
}

async function readBatch(
  { knex, engine }: Store,
  { job, table, atSeq }: RestoreQuery,
  which: { readonly sql: string; readonly values: readonly Value[] },
): Promise<RestorableTag[]> {
  return knex.transaction(async (trx) => {
    if (engine.beforeJoins) await engine.run(trx, engine.beforeJoins, []);
    const { ours } = await engine.bytewise(trx);
    const { rows } = await engine.run(
      trx,
      `select n.customer_id, t.change_seq as row_seq, p.change_seq as then_seq,
         ${selectState('nw', 'now_')}, ${selectState('pw', 'then_')}
       from (select customer_id, max(change_seq) as change_seq from segment_change
             where job = ? and ${which.sql} group by customer_id) n
       join segment_change ns on ns.change_seq = n.change_seq
       ${joinWritten('ns', 'nr', 'nw')}
       left join (select customer_id, max(change_seq) as change_seq from segment_change
             where job = ? and change_seq <= ? group by customer_id) p on p.customer_id = n.customer_id
       left join segment_change ps on ps.change_seq = p.change_seq
       ${joinWritten('ps', 'pr', 'pw', 'left join')}
       left join ?? t on t.job = ? and t.customer_id = ${ours('n.customer_id')}
       order by n.customer_id`,
      [job, ...which.values, job, atSeq, table, job],
    );
    return rows.map(toRestorable);
  });
}

function toRestorable(row: Row): RestorableTag {
  return {
    customerId: String(row.customer_id),
    rowSeq: row.row_seq === null ? null : Number(row.row_seq),
    now: stateOf(row, 'now_'),
    then: row.then_seq === null ? null : stateOf(row, 'then_'),
  };
}
