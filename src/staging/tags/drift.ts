import type { Knex } from 'knex';
import type { Drift } from '../../frame/tags.ts';
import { sameJson } from '../../job/hash.ts';
import type { Row, Store } from '../engines/engine.ts';
import { checksumOfTable, isSame, keepChecksum, leftByPublish } from './tag-checksum.ts';
import { stateColumns, type TagTable } from './tag-columns.ts';

/**
 * Compares a job's rows with what its runs wrote: the newest change of each customer says which
 * run that was, and that run's candidate what the row must say. JSON counts as equal by what it
 * says. Rows of other jobs are not looked at.
 *
 * Where the table adds up to what the newest publish left, nothing is looked up: the checksum is of
 * every column that is compared. One that is absent or wrong costs time and hides nothing, as rows
 * are then looked up as if there were none; a look that finds no drift puts it right.
 */
export async function findDrift(store: Store, tags: TagTable): Promise<Drift> {
  const { knex, engine } = store;
  // What is found and what it adds up to are of one moment.
  const config = engine.writesAlone ? {} : ({ isolationLevel: 'repeatable read' } as const);
  const { drift, toKeep } = await knex.transaction((trx) => compare(store, trx, tags), config);
  // Who may only read looks everything up each time.
  if (toKeep) await knex.transaction((trx) => keepChecksum(store, trx, toKeep)).catch(() => {});
  return drift;
}

type Compared = { readonly drift: Drift; readonly toKeep?: Parameters<typeof keepChecksum>[2] };

async function compare(store: Store, trx: Knex.Transaction, tags: TagTable): Promise<Compared> {
  const left = await leftByPublish(store, trx, tags);
  const checksum = left ? await checksumOfTable(store, trx, tags) : null;
  if (left && isSame(checksum, left.checksum)) return { drift: { edited: [], missing: [], foreign: [] } };
  const drift = await lookUp(store, trx, tags);
  const isClean = Object.values(drift).every((ids) => ids.length === 0);
  return { drift, ...(left && checksum && isClean ? { toKeep: { runId: left.runId, checksum } } : {}) };
}

async function lookUp(store: Store, trx: Knex.Transaction, tags: TagTable): Promise<Drift> {
  const { engine } = store;
  if (engine.beforeJoins) await engine.run(trx, engine.beforeJoins, []);
  const touched = await touchedRows(store, trx, tags);
  const isWhole = touched.length === 0 && (await everyRowIsTheNewest(store, trx, tags));
  const behind = isWhole ? [] : await rowsNotOfNewestChange(store, trx, tags);
  const edited = new Set(touched.filter(({ known }) => known).map(({ customerId }) => customerId));
  for (const { customerId, missing } of behind) if (!missing) edited.add(customerId);
  return {
    edited: bytewise([...edited]),
    missing: bytewise(behind.filter(({ missing }) => missing).map(({ customerId }) => customerId)),
    foreign: bytewise(touched.filter(({ known }) => !known).map(({ customerId }) => customerId)),
  };
}

/** A row that doesn't say what its run wrote; `known` when some run has written of that customer. */
type Touched = { readonly customerId: string; readonly known: boolean };

/** The job's rows that differ from what the run that they name wrote; of a run's candidates only, where one is given. */
export async function touchedRows(
  { engine }: Store,
  trx: Knex.Transaction,
  { job, table, candidatesOf }: TagTable & { readonly candidatesOf?: string },
): Promise<Touched[]> {
  const { ours, theirs } = await engine.bytewise(trx);
  const texts = ['customer_id', ...stateColumns.map(([column]) => column)].filter(
    (column) => !['scores', 'segment_since', 'control'].includes(column),
  );
  const differences = [
    'w.run_id is null',
    ...texts.map((column) => engine.differs(`t.${column}`, ours(`w.${column}`))),
    engine.differs('t.segment_since', 'w.segment_since'),
    engine.differs('t.control', 'w.control'),
  ].join(' or ');
  const [found, written] = [engine.jsonText('t.scores'), engine.jsonText('w.scores')];
  const only =
    candidatesOf === undefined
      ? ''
      : `join segtag_candidate c on c.run_id = ? and c.expected_change_seq is not null
           and t.customer_id = ${ours('c.customer_id')}`;
  const { rows } = await engine.run(
    trx,
    `select t.customer_id, case when ${differences} then 1 else 0 end as differs,
       ${found} as found, ${written} as written,
       (select count(*) from segment_change s where s.job = ? and s.customer_id = ${theirs('t.customer_id')}) as changes
     from ?? t ${only}
     left join segtag_run r on r.run_id = ${theirs('t.run_id')} and r.job = ?
     left join segtag_candidate w on w.run_id = r.run_id and w.position = t.change_seq - r.first_seq + 1
     where t.job = ? and (${differences} or ${engine.differs(found, ours(written))})`,
    [job, table, ...(candidatesOf === undefined ? [] : [candidatesOf]), job, job],
  );
  return rows
    .filter((row) => Number(row.differs) === 1 || !saysTheSame(row))
    .map((row) => ({ customerId: String(row.customer_id), known: Number(row.changes) > 0 }));
}

function saysTheSame({ found, written }: Row): boolean {
  if (typeof found !== 'string' || typeof written !== 'string') return found === written;
  try {
    return sameJson(found, written);
  } catch {
    return false; // somebody wrote what is no JSON
  }
}

/**
 * Where each row says what some change of its customer wrote, none is newer than the newest change,
 * and one that is older or gone makes the sum smaller. A leaver whose row was removed does so too.
 */
async function everyRowIsTheNewest(
  { engine }: Store,
  trx: Knex.Transaction,
  { job, table }: TagTable,
): Promise<boolean> {
  const { rows } = await engine.run(
    trx,
    `select (select sum(change_seq) from ?? where job = ?) as found,
       (select sum(newest) from (select max(change_seq) as newest from segment_change
          where job = ? group by customer_id) h) as written`,
    [table, job, job],
  );
  return String(rows[0]?.found) === String(rows[0]?.written);
}

type Behind = { readonly customerId: string; readonly missing: boolean };

/** Customers whose row is gone, or is not that of their newest change. A leaver's row may be gone. */
async function rowsNotOfNewestChange(
  { engine }: Store,
  trx: Knex.Transaction,
  { job, table }: TagTable,
): Promise<Behind[]> {
  const { ours } = await engine.bytewise(trx);
  const { rows } = await engine.run(
    trx,
    `select d.customer_id, d.row_seq from
       (select h.customer_id, h.change_seq, t.change_seq as row_seq from
          (select customer_id, max(change_seq) as change_seq from segment_change where job = ? group by customer_id) h
        left join ?? t on t.job = ? and t.customer_id = ${ours('h.customer_id')}
        where t.customer_id is null or t.change_seq <> h.change_seq) d
     join segment_change s on s.change_seq = d.change_seq
     where d.row_seq is not null or s.kind <> 'leave'`,
    [job, table, job],
  );
  return rows.map((row) => ({ customerId: String(row.customer_id), missing: row.row_seq === null }));
}

function bytewise(ids: readonly string[]): string[] {
  return ids.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}
