import type { Knex } from 'knex';
import { createColumnBuilder } from '../../frame/builder.ts';
import { takeRows, type IdColumn, type NumberColumn, type TextColumn } from '../../frame/column.ts';
import { sortedRows } from '../../frame/id-order.ts';
import { createRecent, type Recent } from '../../frame/recent.ts';
import type { ListChange, ListChanges, ListSet, SubjectKind } from '../../frame/recommendations.ts';
import type { Engine, Store } from '../engines/engine.ts';
import type { BulkLoad, Part, SharedRows } from '../engines/rows.ts';

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
  if (lists.count === 0) return;
  const parts = partsOf(lists, ({ subjectKind, items }) =>
    items.length === 0
      ? [[runId, subjectKind, 0, null, null, null]]
      : items.map(({ productId, score, reason }, i) => [runId, subjectKind, i + 1, productId, score, reason]),
  );
  await store.engine.bulkInsert(trx, keptLoad(parts));
}

function keptLoad(parts: Iterable<Part>): BulkLoad {
  const shared = ['run_id', 'subject_kind', 'item_rank', 'product_id', 'score', 'reason'];
  return { table: 'segtag_recommendation', own: ['subject_id'], shared, parts };
}

/** Different lists whose rows are remembered. */
const mostKnown = 10_000;

function knownRows(): Recent<ListChange['items'], SharedRows> {
  return createRecent(mostKnown);
}

/** A part per list; subjects of a kind that have the same list share its rows. */
function* partsOf(lists: ListChanges, rowsOf: (change: ListChange) => SharedRows): Generator<Part> {
  const known = { customer: knownRows(), segment: knownRows() };
  for (const change of lists.each()) {
    const ofKind = known[change.subjectKind];
    let shared = ofKind.get(change.items);
    if (!shared) ofKind.set(change.items, (shared = rowsOf(change)));
    yield { own: [change.subjectId], shared };
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
    await engine.bulkInsert(trx, keptLoad(subjectParts(runId, lists)));
    await removeReplaced(engine, trx, run);
  }
  const shared = ['job', 'subject_kind', 'rank', 'product_id', 'score', 'reason', 'run_id'];
  const parts = partsOf(lists, ({ subjectKind, items }) =>
    items.map(({ productId, score, reason }, i) => [job, subjectKind, i + 1, productId, score, reason, runId]),
  );
  await engine.bulkInsert(trx, { table: 'product_recommendation', own: ['subject_id'], shared, parts });
}

function* subjectParts(runId: string, lists: ListChanges): Generator<Part> {
  const ofKind = (kind: SubjectKind): SharedRows => [[runId, kind, 0, null, null, null]];
  const shared = { customer: ofKind('customer'), segment: ofKind('segment') };
  for (const { subjectKind, subjectId } of lists.each()) yield { own: [subjectId], shared: shared[subjectKind] };
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
