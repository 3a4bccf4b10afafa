import type { Knex } from 'knex';
import type { RowValues, Store } from '../engines/engine.ts';
import type { PublishOptions } from '../publish/publish-options.ts';
import { patchRun } from '../runs/run-store.ts';
import { stateColumns, type TagTable } from './tag-columns.ts';

/** A job's rows in one figure: how many there are, and the exact sum of a hash of each. */
export type TagChecksum = { readonly rows: number; readonly sum: bigint };

/** The newest published run of a job, and what it left in the table as far as that is known. */
export type Left = { readonly runId: string; readonly checksum: TagChecksum | null };

/** What the table holds now; null on an engine without hashes. */
export async function checksumOfTable(
  store: Store,
  trx: Knex.Transaction,
  { job, table }: TagTable,
): Promise<TagChecksum | null> {
  const hash = await store.engine.rowHash(trx, tagValues(store, 't'));
  if (hash === undefined) return null;
  const sql = `select count(*) as count, sum(${hash}) as sum from ?? t where t.job = ?`;
  const { rows } = await store.engine.run(trx, sql, [table, job]);
  return { rows: Number(rows[0]?.count), sum: BigInt(String(rows[0]?.sum ?? 0)) };
}

/** Whether two figures are known and the same. */
export function isSame(left: TagChecksum | null, right: TagChecksum | null): boolean {
  return left !== null && right !== null && left.rows === right.rows && left.sum === right.sum;
}

/** What the newest publish of a job to this table left; undefined before the first. */
export async function leftByPublish({ engine }: Store, db: Knex, { job, table }: TagTable): Promise<Left | undefined> {
  const { rows } = await engine.run(
    db,
    `select run_id, target_table, tag_rows, tag_checksum from segtag_run
     where job = ? and status = 'published' order by publish_seq desc limit 1`,
    [job],
  );
  const [row] = rows;
  if (!row || row.target_table !== table) return undefined;
  const isKnown = row.tag_rows !== null && row.tag_checksum !== null;
  const checksum = isKnown ? { rows: Number(row.tag_rows), sum: BigInt(String(row.tag_checksum)) } : null;
  return { runId: String(row.run_id), checksum };
}

/** Keeps with a run what it left in the table. */
export async function keepChecksum(
  store: Store,
  trx: Knex.Transaction,
  { runId, checksum }: { readonly runId: string; readonly checksum: TagChecksum },
): Promise<void> {
  await patchRun(store, trx, runId, [
    ['tag_rows', checksum.rows],
    ['tag_checksum', String(checksum.sum)],
  ]);
}

type Written = {
  /** The number before that of the first candidate. */
  readonly base: number;
  /** Candidates in all, those of them that have a row, and those that leave. */
  readonly rows: number;
  readonly known: number;
  readonly leaving: number;
};

/**
 * What a publish leaves, told before it writes: what the one before left, without the rows that are
 * replaced and with those that are written. Rows that the publish doesn't write are never read: one
 * that somebody has touched would otherwise count as published. Null where it isn't known.
 */
export async function checksumAfter(
  store: Store,
  trx: Knex.Transaction,
  plan: Omit<PublishOptions, 'changes'>,
  { base, rows, known, leaving }: Written,
): Promise<TagChecksum | null> {
  const before = await checksumBefore(store, trx, plan);
  if (!before || rows === 0) return before;
  const removed = plan.leavers === 'delete' ? leaving : 0;
  const replaced = known > 0 ? await sumOfReplaced(store, trx, plan) : 0n;
  const written = await sumOfWritten(store, trx, plan, { base, except: removed > 0 ? "and c.kind <> 'leave'" : '' });
  if (replaced === null || written === null) return null;
  return { rows: before.rows - known + rows - removed, sum: before.sum - replaced + written };
}

/** Nothing at all is published where no run has written of the job. */
async function checksumBefore(
  store: Store,
  trx: Knex.Transaction,
  { job, table, baseRunId }: Omit<PublishOptions, 'changes'>,
): Promise<TagChecksum | null> {
  if (baseRunId !== null) return (await leftByPublish(store, trx, { job, table }))?.checksum ?? null;
  const { rows } = await store.engine.run(trx, 'select 1 as one from segment_change where job = ? limit 1', [job]);
  return rows.length === 0 ? { rows: 0, sum: 0n } : null;
}

async function sumOfReplaced(
  store: Store,
  trx: Knex.Transaction,
  { runId, job, table }: Omit<PublishOptions, 'changes'>,
): Promise<bigint | null> {
  const { engine } = store;
  const hash = await engine.rowHash(trx, tagValues(store, 't'));
  if (hash === undefined) return null;
  const { ours } = await engine.bytewise(trx);
  const { rows } = await engine.run(
    trx,
    `select sum(${hash}) as sum from segtag_candidate c join ?? t on t.customer_id = ${ours('c.customer_id')}
     where c.run_id = ? and c.expected_change_seq is not null and t.job = ?`,
    [table, runId, job],
  );
  return BigInt(String(rows[0]?.sum ?? 0));
}

async function sumOfWritten(
  store: Store,
  trx: Knex.Transaction,
  { runId }: Omit<PublishOptions, 'changes'>,
  { base, except }: { readonly base: number; readonly except: string },
): Promise<bigint | null> {
  const { engine } = store;
  const hash = await engine.rowHash(trx, valuesOf(store, 'c', `${base} + c.position`));
  if (hash === undefined) return null;
  const sql = `select sum(${hash}) as sum from segtag_candidate c where c.run_id = ? ${except}`;
  const { rows } = await engine.run(trx, sql, [runId]);
  return BigInt(String(rows[0]?.sum ?? 0));
}

function tagValues(store: Store, alias: string): RowValues {
  return valuesOf(store, alias, `${alias}.change_seq`);
}

/** Everything that a run writes of a customer, as the look for drift compares it. */
function valuesOf({ engine }: Store, alias: string, changeSeq: string): RowValues {
  const plain = ['segment_since', 'control'];
  const texts = stateColumns.map(([column]) => column).filter((column) => !plain.includes(column));
  return {
    id: `${alias}.customer_id`,
    texts: [...texts, 'run_id'].map((column) =>
      column === 'scores' ? engine.jsonText(`${alias}.scores`) : `${alias}.${column}`,
    ),
    others: [...plain.map((column) => `${alias}.${column}`), changeSeq],
  };
}
