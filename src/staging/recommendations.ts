import type { Knex } from 'knex';
import { createColumnBuilder } from '../frame/builder.ts';
import { takeRows, type IdColumn, type NumberColumn, type TextColumn } from '../frame/column.ts';
import { sortedRows } from '../frame/id.ts';
import type { ListChanges, ListSet, SubjectKind } from '../frame/recommendations.ts';
import type { Engine, Store, Value } from './engine.ts';

/** A job's published lists of one kind of subject. */
export async function readLists(
  { knex, engine }: Store,
  { job, kind }: { readonly job: string; readonly kind: SubjectKind },
): Promise<ListSet> {
  const [subject, product] = [createColumnBuilder('id'), createColumnBuilder('text')];
  const [score, reason] = [createColumnBuilder('number'), createColumnBuilder('text')];
  const quote = engine.dialect === 'mysql' ? '`' : '"';
  const sql = `select subject_id, product_id, score, reason from product_recommendation
    where job = ? and subject_kind = ? order by subject_id, ${quote}rank${quote}`;
  await engine.stream(knex, sql, [job, kind], (row) => {
    subject.push(String(row[0]));
    product.push(String(row[1]));
    score.push(Number(row[2]));
    reason.push(String(row[3]));
  });
  const subjectId = subject.finish() as IdColumn;
  const order = sortedRows(subjectId);
  return {
    subjectId: takeRows(subjectId, order) as IdColumn,
    productId: takeRows(product.finish(), order) as TextColumn,
    score: takeRows(score.finish(), order) as NumberColumn,
    reason: takeRows(reason.finish(), order) as TextColumn,
  };
}

/** Replaces the changes to lists that a run has computed. */
export async function loadListChanges(
  store: Store,
  trx: Knex.Transaction,
  { runId, lists }: { readonly runId: string; readonly lists: ListChanges },
): Promise<void> {
  await dropListChanges(store, trx, runId);
  if (lists.count > 0) await store.engine.bulkInsert(trx, 'segtag_recommendation', keptColumns, keptRows(runId, lists));
}

const keptColumns = ['run_id', 'subject_kind', 'subject_id', 'item_rank', 'product_id', 'score', 'reason'];

function* keptRows(runId: string, lists: ListChanges): Generator<Value[]> {
  for (const { subjectKind, subjectId, items } of lists.each()) {
    if (items.length === 0) yield [runId, subjectKind, subjectId, 0, null, null, null];
    for (const [i, { productId, score, reason }] of items.entries())
      yield [runId, subjectKind, subjectId, i + 1, productId, score, reason];
  }
}

/** Puts the changed lists that a run keeps in place of those that stand there, inside the transaction of its publish. */
export async function applyListChanges(
  { engine }: Store,
  trx: Knex.Transaction,
  run: { readonly runId: string; readonly job: string },
): Promise<void> {
  const { runId, job } = run;
  const { rows } = await engine.run(trx, 'select 1 as one from segtag_recommendation where run_id = ? limit 1', [
    runId,
  ]);
  if (rows.length === 0) return;
  await removeReplaced(engine, trx, run);
  await engine.run(
    trx,
    `insert into product_recommendation (job, subject_kind, subject_id, ??, product_id, score, reason, run_id)
     select ?, subject_kind, subject_id, item_rank, product_id, score, reason, run_id
     from segtag_recommendation where run_id = ? and item_rank > 0`,
    ['rank', job, runId],
  );
}

async function removeReplaced(
  engine: Engine,
  trx: Knex.Transaction,
  { runId, job }: { readonly runId: string; readonly job: string },
): Promise<void> {
  await engine.run(
    trx,
    `delete from product_recommendation where job = ? and (subject_kind, subject_id) in
       (select subject_kind, subject_id from segtag_recommendation where run_id = ?)`,
    [job, runId],
  );
}

/** The same with changed lists that the run doesn't keep; their subjects are, until the caller drops them. */
export async function writeListChanges(
  { engine }: Store,
  trx: Knex.Transaction,
  run: { readonly runId: string; readonly job: string; readonly lists: ListChanges },
): Promise<void> {
  const { runId, job, lists } = run;
  if (lists.count === 0) return;
  const { rows } = await engine.run(trx, 'select 1 as one from product_recommendation where job = ? limit 1', [job]);
  if (rows.length > 0) {
    await engine.bulkInsert(trx, 'segtag_recommendation', keptColumns, subjectRows(runId, lists));
    await removeReplaced(engine, trx, run);
  }
  const columns = ['job', 'subject_kind', 'subject_id', 'rank', 'product_id', 'score', 'reason', 'run_id'];
  await engine.bulkInsert(trx, 'product_recommendation', columns, listRows(run));
}

function* subjectRows(runId: string, lists: ListChanges): Generator<Value[]> {
  for (const { subjectKind, subjectId } of lists.each()) yield [runId, subjectKind, subjectId, 0, null, null, null];
}

function* listRows({
  runId,
  job,
  lists,
}: {
  readonly runId: string;
  readonly job: string;
  readonly lists: ListChanges;
}): Generator<Value[]> {
  for (const { subjectKind, subjectId, items } of lists.each())
    for (const [i, { productId, score, reason }] of items.entries())
      yield [job, subjectKind, subjectId, i + 1, productId, score, reason, runId];
}

/** Removes the changes to lists that a run has computed. */
export async function dropListChanges({ engine }: Store, trx: Knex.Transaction, runId: string): Promise<void> {
  // SQLite empties a table at once, and its one writer sees all that is in it.
  if (engine.writesAlone && !(await hasOtherLists(engine, trx, runId)))
    await engine.run(trx, 'delete from segtag_recommendation', []);
  else await engine.run(trx, 'delete from segtag_recommendation where run_id = ?', [runId]);
}

async function hasOtherLists(engine: Engine, trx: Knex.Transaction, runId: string): Promise<boolean> {
  for (const side of ['<', '>']) {
    const sql = `select 1 as one from segtag_recommendation where run_id ${side} ? limit 1`;
    if ((await engine.run(trx, sql, [runId])).rows.length > 0) return true;
  }
  return false;
}
