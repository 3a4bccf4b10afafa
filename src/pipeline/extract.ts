import { columnOf, type Frame } from '../frame/frame.ts';
import type { RemovedRows } from '../analysis/decide/checks.ts';
import { canonicalJson, sha256 } from '../job/hash.ts';
import { openWarehouse } from '../warehouse/open.ts';
import { checkParameters } from '../warehouse/template/check-parameters.ts';
import { chosenTemplates, loadTemplates, type Template, type Templates } from '../warehouse/template/load-templates.ts';
import { dialectOf, type ReadOptions } from '../warehouse/warehouse.ts';
import type { ReadContext } from './context.ts';
import { finiteOrNull } from './finite.ts';
import { sourceSession, type FitInWarehouse, type InWarehouse } from './in-warehouse.ts';
import { statementOf } from './statement.ts';

export type Extracted = {
  /** One row per customer, in the order the warehouse sent them. */
  readonly customers: Frame;
  readonly removed: readonly RemovedRows[];
  readonly trends: readonly Trend[];
  /** What recommendations are made of; undefined where the job makes none. */
  readonly orders: { readonly purchases: Frame; readonly pairs: Frame } | undefined;
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
  const { job } = context.loaded;
  const dialect = dialectOf(context.warehouse.name, context.warehouse.config.client);
  const templates = loadTemplates(context.projectDir, job, dialect);
  checkParameters(templates, context.loaded, dialect);
  const warehouse = await openWarehouse(context.warehouse, { job: job.job, runId: context.runId });
  try {
    const common = { timeoutMs: job.source.timeout_seconds * 1000, signal: context.signal };
    const statement = statementOf(templates.customers, context, dialect);
    const inWarehouse = await fit?.(sourceSession(context, warehouse, statement));
    const read = await warehouse.read(inWarehouse?.customers ?? statement, {
      ...common,
      idColumn: job.source.customer_id,
      ...(job.source.columns ? { columns: job.source.columns } : {}),
      onProgress: (rows) => context.progress.advanced('extract', rows, context.expectedRows),
    });
    const customers = inWarehouse ? findingsApart(read, inWarehouse.foundColumn) : read;
    const readBeside = async (
      template: Template | undefined,
      columns: NonNullable<ReadOptions['columns']>,
      ids: Pick<ReadOptions, 'idColumn'> = {},
    ) => template && (await warehouse.read(statementOf(template, context, dialect), { ...common, ...ids, columns }));
    const quality = await readBeside(templates.quality, qualityColumns);
    const trends = await readBeside(templates.trends, trendColumns);
    const purchases = await readBeside(templates.purchases, purchaseColumns, { idColumn: 'customer_id' });
    const pairs = await readBeside(templates.pairs, pairColumns);
    return {
      customers,
      removed: quality ? removedRows(quality) : [],
      trends: trends ? trendsOf(trends) : [],
      orders: purchases && pairs && { purchases, pairs },
      sqlHash: hashOf(templates),
      inWarehouse,
    };
  } finally {
    await warehouse.close();
  }
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

const purchaseColumns = { product_id: 'text', orders: 'number', units: 'number' } as const;
const pairColumns = {
  a: 'text',
  b: 'text',
  orders_a: 'number',
  orders_b: 'number',
  orders_ab: 'number',
  orders_total: 'number',
} as const;

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
