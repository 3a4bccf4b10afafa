import type { Store } from '../engines/engine.ts';
import type { Value } from '../engines/rows.ts';

/** What a run says of every customer: the state of the feed at a number, and the changes that it planned on top. */
export type Standing = {
  readonly atSeq: number;
  /** The run whose candidates come on top of it; absent where it has written them. */
  readonly planned?: string;
};

/** Customers whose segment in one state is another one than in the other; null is none. */
export type Transition = { readonly from: string | null; readonly to: string | null; readonly customers: number };

export type TransitionQuery = { readonly job: string; readonly before: Standing; readonly after: Standing };

const beforeAll = -1;
const afterAll = Number.MAX_SAFE_INTEGER;

/**
 * From where to where customers went between two states, the largest first. The feed must hold the changes
 * between them. A customer who went and came back is not counted.
 */
export async function readTransitions(store: Store, query: TransitionQuery): Promise<Transition[]> {
  const { job, before, after } = query;
  if (before.atSeq > after.atSeq) {
    const back = await readTransitions(store, { job, before: after, after: before });
    return back.map(({ from, to, customers }) => ({ from: to, to: from, customers }));
  }
  const { knex, engine } = store;
  const changes = changesBetween(query);
  const { rows } = await engine.run(
    knex,
    `select went_from, went_to, count(*) as customers from (
       select customer_id, max(case when nth = 1 then went_from end) as went_from,
         max(case when nth_back = 1 then went_to end) as went_to
       from (
         select customer_id, went_from, went_to, row_number() over (partition by customer_id order by seq) as nth,
           row_number() over (partition by customer_id order by seq desc) as nth_back
         from (${changes.sql}) changes
       ) numbered group by customer_id
     ) ends
     where coalesce(went_from, '') <> coalesce(went_to, '') group by went_from, went_to`,
    changes.values,
  );
  const found = rows.map((row) => ({
    from: textOrNull(row.went_from),
    to: textOrNull(row.went_to),
    customers: Number(row.customers),
  }));
  return found.sort((a, b) => b.customers - a.customers || nameOf(a).localeCompare(nameOf(b), 'en'));
}

/** Changes in the order of time: back over what the earlier state had planned, through the feed, into what the later one has. */
function changesBetween({ job, before, after }: TransitionQuery): { sql: string; values: Value[] } {
  const feed = `select customer_id, change_seq as seq, from_segment as went_from, to_segment as went_to
    from segment_change where job = ? and change_seq > ? and change_seq <= ?`;
  const undone = `select customer_id, ${beforeAll}, segment, from_segment from segtag_candidate where run_id = ?`;
  const done = `select customer_id, ${afterAll}, from_segment, segment from segtag_candidate where run_id = ?`;
  return {
    sql: [feed, ...(before.planned ? [undone] : []), ...(after.planned ? [done] : [])].join(' union all '),
    values: [job, before.atSeq, after.atSeq, before.planned, after.planned].filter((value) => value !== undefined),
  };
}

function nameOf({ from, to }: Transition): string {
  return `${from ?? ''} ${to ?? ''}`;
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}
