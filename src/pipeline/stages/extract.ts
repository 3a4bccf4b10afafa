import { columnOf, type Frame } from '../../frame/frame.ts';
import type { RemovedRows } from '../../analysis/decide/checks.ts';
import { canonicalJson, sha256 } from '../../job/hash.ts';
import { chosenTemplates, type Templates } from '../../warehouse/template/load-templates.ts';
import type { ReadContext } from '../context.ts';
import { finiteOrNull } from '../finite.ts';
import type { FitInWarehouse, InWarehouse } from '../source/in-warehouse.ts';
import { orderContracts, type Orders } from './orders.ts';
import { withSource, type Source } from '../source/with-source.ts';

export type Extracted = {
  /** One row per customer, in the order the warehouse sent them. */
  readonly customers: Frame;
  readonly removed: readonly RemovedRows[];
  readonly trends: readonly Trend[];
  /** What recommendations are made of; undefined where the job makes none. */
  readonly orders: Orders | undefined;
  readonly sqlHash: string;
};

/** What the invoices of one period come to; `grain` says what the period is: a month, a weekday, a season or an hour. */
export type Trend = {
  readonly grain: string;
  readonly period: string;
  readonly invoices: number;
  readonly revenue: number | null;
};

/** What was read, and what the warehouse had worked out before. */
export type ExtractedWith<Fitted> = Extracted & { readonly inWarehouse: InWarehouse<Fitted> | undefined };

/**
 * Reads the job's queries from the warehouse in one session, so that all of them see one snapshot; `fit` does work in
 * the same session first.
 */
export async function extract<Fitted>(
  context: ReadContext,
  fit?: FitInWarehouse<Fitted>,
): Promise<ExtractedWith<Fitted>> {
  const { source } = context.loaded.job;
  return withSource(context, async ({ templates, session, read }) => {
    const inWarehouse = await fit?.(session);
    const found = await session.read(inWarehouse?.customers ?? session.customers, {
      idColumn: source.customer_id,
      ...(source.columns ? { columns: source.columns } : {}),
      onProgress: (rows) => context.progress.advanced('extract', rows, context.expectedRows),
    });
    const customers = inWarehouse ? findingsApart(found, inWarehouse.foundColumn) : found;
    const quality = templates.quality && (await read(templates.quality, { columns: qualityColumns }));
    const trends = templates.trends && (await read(templates.trends, { columns: trendColumns }));
    return {
      customers,
      removed: quality ? removedRows(quality) : [],
      trends: trends ? trendsOf(trends) : [],
      orders: await readOrders({ templates, read }),
      sqlHash: hashOf(templates),
      inWarehouse,
    };
  });
}

/** Reads customers.sql and nothing else, whatever the job expects of its columns. */
export function extractCustomers(context: ReadContext): Promise<Frame> {
  const { customer_id: idColumn } = context.loaded.job.source;
  return withSource(context, ({ templates, read }) => read(templates.customers, { idColumn }));
}

/** Reads what recommendations are made of and nothing else; undefined where the job makes none. */
export function extractOrders(context: ReadContext): Promise<Orders | undefined> {
  return withSource(context, readOrders);
}

async function readOrders({ templates, read }: Pick<Source, 'templates' | 'read'>): Promise<Orders | undefined> {
  if (!templates.purchases || !templates.pairs) return undefined;
  const purchases = await read(templates.purchases, orderContracts.purchases);
  return { purchases, pairs: await read(templates.pairs, orderContracts.pairs) };
}

/** The column of what the warehouse found, from 1, is no column of the customers' own. */
function findingsApart({ rowCount, columns }: Frame, foundColumn: string): Frame {
  const found = columns.get(foundColumn);
  if (found?.kind !== 'number') throw new Error(`no column of numbers "${foundColumn}"`);
  const own = new Map([...columns].filter(([name]) => name !== foundColumn));
  const foundOf = Int32Array.from({ length: rowCount }, (_, row) => (found.values[row]! || 0) - 1);
  return { rowCount, columns: own, foundOf };
}

/** The extract in one line. */
export function noteExtract({ customers, removed, inWarehouse }: ExtractedWith<unknown>): string {
  const cleaning = removed
    .filter((rule) => rule.rowsRemoved > 0)
    .map(
      (rule) =>
        `${rule.rowsRemoved.toLocaleString('en-US')} of ${rule.rowsIn.toLocaleString('en-US')} rows removed: ${rule.rule}`,
    );
  const work = inWarehouse ? [`${inWarehouse.queries} queries in the warehouse before them`] : [];
  return [`${customers.rowCount.toLocaleString('en-US')} customers`, ...work, ...cleaning].join(' · ');
}

const qualityColumns = { rule: 'text', rows_in: 'number', rows_removed: 'number' } as const;

function removedRows(quality: Frame): RemovedRows[] {
  const rule = columnOf(quality, 'rule', 'text');
  const rowsIn = columnOf(quality, 'rows_in', 'number').values;
  const rowsRemoved = columnOf(quality, 'rows_removed', 'number').values;
  return Array.from({ length: quality.rowCount }, (_, row) => ({
    rule: rule.dictionary[rule.codes[row]!] ?? '',
    rowsIn: rowsIn[row]! || 0,
    rowsRemoved: rowsRemoved[row]! || 0,
  }));
}

const trendColumns = { grain: 'text', period: 'text', invoices: 'number', revenue: 'money' } as const;

function trendsOf(trends: Frame): Trend[] {
  const text = (name: string): ((row: number) => string) => {
    const { codes, dictionary } = columnOf(trends, name, 'text');
    return (row) => dictionary[codes[row]!] ?? '';
  };
  const [grain, period] = [text('grain'), text('period')];
  const invoices = columnOf(trends, 'invoices', 'number').values;
  const revenue = columnOf(trends, 'revenue', 'number').values;
  return Array.from({ length: trends.rowCount }, (_, row) => ({
    grain: grain(row),
    period: period(row),
    invoices: invoices[row]! || 0,
    revenue: finiteOrNull(revenue[row]!),
  }));
}

function hashOf(templates: Templates): string {
  const texts = chosenTemplates(templates).filter(({ name }) => name !== 'ready');
  return sha256(canonicalJson(texts.map(({ name, text }) => [name, text])));
}
