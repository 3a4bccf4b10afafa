import { mostCategories } from '../../analysis/codings.ts';
import type { Model } from '../../analysis/model.ts';
import { computeObstacle } from '../../job/compute-rules.ts';
import type { Job } from '../../job/schema.ts';
import { canonicalJson, sha256 } from '../../job/hash.ts';
import type { ReadContext } from '../context.ts';
import { describeCustomers } from '../methods/warehouse/describe-customers.ts';
import { listQueries } from '../methods/list-queries.ts';
import type { ListedQuery, Listing } from '../methods/warehouse/listed-query.ts';
import { askQuestions } from '../methods/warehouse/questions.ts';
import { shapeOf } from '../methods/segment-customers.ts';
import { withSource } from '../source/with-source.ts';
import { countIds } from '../../analysis/sql/compute/customer-rows.ts';

/** What a night costs where it is computed; bytes are estimates. */
export type ModeCost = {
  readonly queries: number;
  /** That come back from the warehouse. */
  readonly rows: number;
  readonly wire_bytes: number;
  /** Of this process. */
  readonly memory_bytes: number;
};

/** Both ways to compute a job at today's size; the shape of `plan --explain-compute --json`. */
export type ComputeAdvice = {
  readonly schemaVersion: 1;
  readonly job: string;
  readonly compute: Job['compute'];
  readonly customers: number;
  readonly columns: number;
  readonly memory: ModeCost;
  /** Null where the warehouse can't do the job. */
  readonly warehouse: ModeCost | null;
  /** Why it can't. */
  readonly obstacle: string | null;
  /** Those of a night in the warehouse. */
  readonly queries: readonly (ListedQuery & { readonly bytes: number })[];
  readonly advised: Job['compute'];
  readonly why: string;
};

/** Of a cell, on the wire and in memory. */
const cellBytes = 8;
/** Of an id in memory, with its place. */
const idBytes = 20;
/** Of a process that has no customers yet. */
const baseBytes = 150e6;
/** Of a change in the diff, and of what is known of the tag that it changes. */
const changeBytes = 9;
const changedTagBytes = 40;
/** Customers that move in a usual night. */
const usualMovers = 0.01;
/** Of lists with an entry per customer: clusters, labels, segments, marks of outliers and rows of the fit. */
const listBytes = 21;
/** As many steps as a first fit often takes. */
const usualSteps = 15;

/** Counts the customers, and works out what a night would cost in memory and in the warehouse, without computing it. */
export async function explainCompute(
  context: ReadContext,
  { published, availableBytes }: { readonly published: Model | undefined; readonly availableBytes: number },
): Promise<ComputeAdvice> {
  const { job } = context.loaded;
  const { customers, ...described } = await look(context);
  const { columns } = described;
  const obstacle = computeObstacle(job) ?? null;
  const shapeHash = sha256(canonicalJson(shapeOf(job)));
  const model = published?.shapeHash === shapeHash ? published : undefined;
  const queries = obstacle === null ? listQueries({ job, customers, model, ...described }, context.asOf) : [];
  const size = { customers, columns: columns.length, ofLists: listsBytes(job, customers, published !== undefined) };
  const costs = { memory: memoryCost(job, size), warehouse: null as ModeCost | null };
  if (obstacle === null) costs.warehouse = warehouseCost(queries, size);
  return {
    schemaVersion: 1,
    job: job.job,
    compute: job.compute,
    customers,
    columns: columns.length,
    ...costs,
    obstacle,
    queries: queries.map((query) => ({ ...query, bytes: query.rows * query.cells * cellBytes })),
    ...advise(costs, availableBytes),
  };
}

type Look = Pick<Listing, 'customers' | 'columns' | 'types' | 'rows'>;

async function look(context: ReadContext): Promise<Look> {
  const { source } = context.loaded.job;
  return withSource(context, async ({ session }) => {
    const { dialect, customers } = session;
    const described = await describeCustomers(context, session);
    const rows = { dialect, customerId: source.customer_id, customersSql: customers.sql, skipInvalid: false };
    const [counted] = await askQuestions(session, source.customer_id).numbers(countIds(rows));
    return { customers: counted?.['rows_in'] ?? 0, rows, ...described };
  });
}

type Size = { readonly customers: number; readonly columns: number; readonly ofLists: number };

/** What a night holds of each customer beside the columns, wherever it is computed. */
function listsBytes({ features, publish }: Job, customers: number, isPublished: boolean): number {
  const categories = Object.values(features).map(({ order, categories: of }) =>
    order ? 1 : of === 'auto' ? mostCategories : (of?.length ?? 0),
  );
  const ofTexts = categories.reduce((sum, columns) => sum + columns, 0) * cellBytes;
  // Published tags come in parts, and only those that change are kept.
  const changing = !isPublished || publish.scores === 'always' ? 1 : usualMovers;
  return customers * (listBytes + ofTexts + changing * (changeBytes + (isPublished ? changedTagBytes : 0)));
}

/** The process, and the customers so many times. */
function frameBytes({ customers, columns, ofLists }: Size, copies: number): number {
  return baseBytes + ofLists + customers * copies * (idBytes + (columns - 1) * cellBytes);
}

function memoryCost(job: Job, size: Size): ModeCost {
  const { customers, columns } = size;
  const features = Object.keys(job.features).length;
  // The customers are there twice, as they were read and in the order of their ids. Scaled features, one of them sorted, and labels and bounds of the fit.
  const ofFit = customers * (features * cellBytes + 2 * cellBytes + 8);
  const wire = customers * columns * cellBytes;
  return { queries: 1, rows: customers, wire_bytes: wire, memory_bytes: frameBytes(size, 2) + ofFit };
}

function warehouseCost(queries: readonly ListedQuery[], size: Size): ModeCost {
  const total = (of: (query: ListedQuery) => number): number =>
    queries.reduce((sum, query) => sum + of(query) * (query.times === 'step' ? usualSteps : query.times), 0);
  return {
    queries: total(() => 1),
    rows: total(({ rows }) => rows),
    wire_bytes: total(({ rows, cells }) => rows * cells * cellBytes),
    memory_bytes: frameBytes(size, 1),
  };
}

function advise(
  { memory, warehouse }: Pick<ComputeAdvice, 'memory' | 'warehouse'>,
  availableBytes: number,
): Pick<ComputeAdvice, 'advised' | 'why'> {
  const half = availableBytes / 2;
  if (memory.memory_bytes <= half)
    return {
      advised: 'memory',
      why: 'The customers fit into half of the memory of this machine, and one query reads them.',
    };
  if (warehouse && warehouse.memory_bytes < memory.memory_bytes)
    return { advised: 'warehouse', why: 'In memory the fit would take more than half of the memory of this machine.' };
  return { advised: 'memory', why: 'The warehouse cannot do this job; it needs a machine with more memory.' };
}
