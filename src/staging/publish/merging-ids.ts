import type { Knex } from 'knex';
import { SegtagError } from '../../errors.ts';
import type { Row, Store } from '../engines/engine.ts';

const mostIdsNamed = 10;
const mostRowsCompared = 1000;

/**
 * Ids are compared bytewise, and a tag table that somebody else made may compare them otherwise: by a
 * collation without case or accents, or without regard to trailing blanks. Throws E_CRM_REFUSED_ROWS,
 * naming ids, when customers who enter would share a row with one another or with one who is there.
 */
export async function refuseMergingIds(
  { engine }: Store,
  trx: Knex.Transaction,
  { runId, job, table }: { readonly runId: string; readonly job: string; readonly table: string },
): Promise<void> {
  const asKey = await engine.keyComparison(trx, table);
  if (!asKey) return;
  const entering = 'run_id = ? and expected_change_seq is null';
  const { rows: together } = await engine.run(
    trx,
    `select c.customer_id as id from segtag_candidate c join
       (select ${asKey('customer_id')} as folded from segtag_candidate where ${entering}
        group by folded having count(*) > 1) m on ${asKey('c.customer_id')} = m.folded
     where c.${entering} order by c.position limit ${mostIdsNamed + 1}`,
    [runId, runId],
  );
  const { rows: present } = await engine.run(
    trx,
    `select c.customer_id as id, t.customer_id as present from segtag_candidate c
       join ?? t on t.job = ? and t.customer_id = ${asKey('c.customer_id')}
     where c.${entering} order by c.position limit ${mostRowsCompared}`,
    [table, job, runId],
  );
  const ids = new Set([...textsOf(together), ...textsOf(present.filter((row) => row.id !== row.present))]);
  if (ids.size > 0) throw merging(table, [...ids]);
}

function textsOf(rows: readonly Row[]): string[] {
  return rows.flatMap(({ id, present }) => (present === undefined ? [String(id)] : [String(id), String(present)]));
}

function merging(table: string, ids: readonly string[]): SegtagError {
  const named = ids
    .slice(0, mostIdsNamed)
    .map((id) => JSON.stringify(id))
    .join(', ');
  return new SegtagError('E_CRM_REFUSED_ROWS', {
    where: `${table}.customer_id`,
    what: `The column takes ids for the same that differ by case, accents or trailing blanks. Customers who would share a row: ${named}${ids.length > mostIdsNamed ? ' and more' : ''}. Nothing was published.`,
    remedy: `Give customer_id of ${table} a collation that compares bytes (MariaDB: utf8mb4_nopad_bin; MySQL: utf8mb4_0900_bin; PostgreSQL: "C"), or make the ids differ in the SQL.`,
  });
}
