import type { Knex } from 'knex';
import { SegtagError } from '../errors.ts';
import type { Candidate, Candidates } from '../frame/tags.ts';
import type { Store, Value } from './engine.ts';
import { refuseMergingIds } from './merging-ids.ts';
import { dropListChanges } from './recommendations.ts';

const columns = [
  ['customer_id', 'customerId'],
  ['kind', 'kind'],
  ['expected_change_seq', 'expectedChangeSeq'],
  ['from_segment', 'fromSegment'],
  ['segment', 'segment'],
  ['segment_name', 'segmentName'],
  ['campaign', 'campaign'],
  ['previous_segment', 'previousSegment'],
  ['segment_since', 'segmentSince'],
  ['scores', 'scores'],
  ['state', 'state'],
  ['control', 'control'],
] as const satisfies readonly (readonly [string, Exclude<keyof Candidate, 'dropped'>])[];
const columnNames = ['run_id', 'position', ...columns.map(([name]) => name)];

/** A text of a candidate's row: its place there, and how many characters it may have. */
type TextColumn = { readonly name: string; readonly place: number; readonly most: number };

/** Replaces the run's candidates. Refuses, naming ids, those that the tag table or the feed can't hold or keep apart. */
export async function loadCandidates(
  store: Store,
  trx: Knex.Transaction,
  load: { readonly runId: string; readonly job: string; readonly table: string; readonly candidates: Candidates },
): Promise<void> {
  await dropCandidates(store, trx, load.runId);
  if (load.candidates.count === 0) return;
  const limits = await textColumns(store, trx, load.table);
  const rows = checkedRows(load.runId, load.candidates, (row) => refusalOf(row, limits), load.table);
  await store.engine.bulkInsert(trx, 'segtag_candidate', columnNames, rows);
  await refuseMergingIds(store, trx, load);
}

async function dropCandidates({ engine }: Store, trx: Knex.Transaction, runId: string): Promise<void> {
  await engine.run(trx, 'delete from segtag_candidate where run_id = ?', [runId]);
}

/** Removes what a run computed and didn't publish: candidates, changes to lists and model. */
export async function dropPlan(store: Store, trx: Knex.Transaction, runId: string): Promise<void> {
  await dropCandidates(store, trx, runId);
  await dropListChanges(store, trx, runId);
  await store.engine.run(trx, 'delete from segtag_model where run_id = ?', [runId]);
}

/** Whether anything is kept that the run is to write. */
export async function hasCandidates({ knex, engine }: Store, runId: string): Promise<boolean> {
  const { rows } = await engine.run(
    knex,
    `select 1 as one from segtag_candidate where run_id = ? union all
     select 1 as one from segtag_recommendation where run_id = ? limit 1`,
    [runId, runId],
  );
  return rows.length > 0;
}

type Refusal = { readonly column: string; readonly reason: string };

const mostIdsNamed = 10;

/** The rows to load; from the first refused one on, only the ids for the error are gathered. */
function* checkedRows(
  runId: string,
  candidates: Candidates,
  refusal: (row: readonly Value[]) => Refusal | undefined,
  table: string,
): Generator<Value[]> {
  let first: Refusal | undefined;
  const ids: string[] = [];
  let refused = 0;
  let previousId: string | undefined;
  for (let index = 0; index < candidates.count; index++) {
    const candidate = candidates.at(index);
    if (candidate.customerId === previousId) throw new Error('two candidates have the same customer id');
    previousId = candidate.customerId;
    const row = rowOf(runId, index + 1, candidate);
    const found = refusal(row);
    if (found && (first ??= found).column === found.column) {
      refused++;
      if (ids.length < mostIdsNamed) ids.push(candidate.customerId);
    }
    if (!first) yield row;
  }
  if (first) throw refusedRows(table, first, { ids, refused });
}

function rowOf(runId: string, position: number, candidate: Candidate): Value[] {
  const row: Value[] = [runId, position];
  for (const [, key] of columns) row.push(candidate[key] ?? null);
  return row;
}

function refusalOf(row: readonly Value[], limits: readonly TextColumn[]): Refusal | undefined {
  for (const { name, place, most } of limits) {
    const value = row[place];
    if (typeof value !== 'string') continue;
    if (value.length > most && characterCount(value) > most)
      return { column: name, reason: `takes at most ${most} characters` };
    if (value.includes('\0')) return { column: name, reason: 'takes no NUL character' };
  }
  return undefined;
}

function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function refusedRows(
  table: string,
  { column, reason }: Refusal,
  { ids, refused }: { readonly ids: readonly string[]; readonly refused: number },
): SegtagError {
  const named = ids.map((id) => JSON.stringify(id.length > 64 ? `${id.slice(0, 64)}…` : id)).join(', ');
  const more = refused > ids.length ? ` and ${refused - ids.length} more` : '';
  return new SegtagError('E_CRM_REFUSED_ROWS', {
    where: `${table}.${column}`,
    what: `The column ${reason}. Customers whose row is refused: ${named}${more}. Nothing was published.`,
    remedy: `Correct these values in the SQL or the labels, or widen ${column} of ${table}, then run again.`,
  });
}

/** Text columns with the smallest limit among the tables that a candidate's value ends up in. */
async function textColumns({ engine }: Store, db: Knex, table: string): Promise<TextColumn[]> {
  const tables: Map<string, number>[] = [];
  for (const name of [table, 'segtag_candidate', 'segment_change']) tables.push(await engine.lengthLimits(db, name));
  const limitOf = (column: string): number =>
    Math.min(...tables.map((limits) => limits.get(column) ?? Number.POSITIVE_INFINITY));
  return columns
    .filter(([name]) => !['kind', 'state', 'segment_since', 'expected_change_seq', 'control'].includes(name))
    .map(([name]) => ({ name, place: columnNames.indexOf(name), most: limitOf(name) }));
}
