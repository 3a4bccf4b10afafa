import { SegtagError } from '../../errors.ts';
import { createRecent } from '../../frame/recent.ts';
import type { Candidate, Candidates } from '../../frame/tags.ts';
import type { BulkLoad, Part, Value } from '../engines/rows.ts';

/** What is a customer's own: the texts of the others are those of its segment and of what happened to it. */
const ownColumns = ['position', 'customer_id', 'expected_change_seq', 'scores'];
const sharedColumns = [
  ['kind', 'kind'],
  ['from_segment', 'fromSegment'],
  ['segment', 'segment'],
  ['segment_name', 'segmentName'],
  ['campaign', 'campaign'],
  ['previous_segment', 'previousSegment'],
  ['segment_since', 'segmentSince'],
  ['state', 'state'],
  ['control', 'control'],
] as const satisfies readonly (readonly [string, keyof Candidate])[];

/** Columns of texts that a job or its data decides about. */
const limited = ['customer_id', 'from_segment', 'segment', 'segment_name', 'campaign', 'previous_segment', 'scores'];

/** The most characters that each limited column takes in all the tables that a candidate's value ends up in. */
export type Limits = ReadonlyMap<string, number>;

/** The smallest of the limits of some tables. */
export function smallestLimits(tables: readonly Limits[]): Limits {
  const smallest = (column: string): number =>
    Math.min(...tables.map((limits) => limits.get(column) ?? Number.POSITIVE_INFINITY));
  return new Map(limited.map((column) => [column, smallest(column)]));
}

type Refusal = { readonly column: string; readonly reason: string };

const mostIdsNamed = 10;

/** The rows of a run's candidates. Where the tag table or the feed can't hold one, reading them on ends in an error. */
export function candidateRows(run: {
  readonly runId: string;
  readonly table: string;
  readonly candidates: Candidates;
  readonly limits: Limits;
}): BulkLoad {
  return {
    table: 'segtag_candidate',
    own: ownColumns,
    shared: ['run_id', ...sharedColumns.map(([name]) => name)],
    parts: checkedParts(run),
  };
}

/** From the first refused candidate on, only the ids for the error are gathered. */
function* checkedParts({ runId, table, candidates, limits }: Parameters<typeof candidateRows>[0]): Generator<Part> {
  const commonTo = sharesRows(runId, limits);
  const idLimit = limits.get('customer_id')!;
  const scoresLimit = limits.get('scores')!;
  let first: Refusal | undefined;
  const ids: string[] = [];
  let refused = 0;
  let previousId: string | undefined;
  for (let index = 0; index < candidates.count; index++) {
    const candidate = candidates.at(index);
    const { customerId, scores, expectedChangeSeq } = candidate;
    if (customerId === previousId) throw new Error('two candidates have the same customer id');
    previousId = customerId;
    const { shared, refusal } = commonTo(candidate);
    const found = refusalOf('customer_id', customerId, idLimit) ?? refusal ?? refusalOf('scores', scores, scoresLimit);
    if (found && (first ??= found).column === found.column) {
      refused++;
      if (ids.length < mostIdsNamed) ids.push(customerId);
    }
    if (!first) yield { own: [index + 1, customerId, expectedChangeSeq, scores], shared };
  }
  if (first) throw refusedRows(table, first, { ids, refused });
}

type Common = { readonly shared: Part['shared']; readonly refusal: Refusal | undefined };

const mostKnown = 10_000;

/** What a candidate has in common with others: the same rows for all that say the same. */
function sharesRows(runId: string, limits: Limits): (candidate: Candidate) => Common {
  const known = createRecent<string, Common>(mostKnown);
  return (candidate) => {
    const row: Value[] = [runId];
    for (const [, key] of sharedColumns) row.push(candidate[key] ?? null);
    const text = row.join('\n');
    const found = known.get(text);
    if (found && found.shared[0]!.every((value, i) => value === row[i])) return found;
    const common = { shared: [row], refusal: refusalOfShared(row, limits) };
    known.set(text, common);
    return common;
  };
}

function refusalOfShared(row: readonly Value[], limits: Limits): Refusal | undefined {
  for (const [i, [name]] of sharedColumns.entries()) {
    const most = limits.get(name);
    const refusal = most === undefined ? undefined : refusalOf(name, row[i + 1]!, most);
    if (refusal) return refusal;
  }
  return undefined;
}

function refusalOf(column: string, value: Value, most: number): Refusal | undefined {
  if (typeof value !== 'string') return undefined;
  if (value.length > most && characterCount(value) > most)
    return { column, reason: `takes at most ${most} characters` };
  return value.includes('\0') ? { column, reason: 'takes no NUL character' } : undefined;
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
