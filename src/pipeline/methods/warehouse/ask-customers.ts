import { fenceOf } from '../../../analysis/outliers.ts';
import type { Fence, Model } from '../../../analysis/model.ts';
import {
  countFinite,
  countIds,
  validRows,
  type CustomerRows,
  type FitRows,
} from '../../../analysis/sql/compute/customer-rows.ts';
import { finiteValues } from '../../../analysis/sql/compute/distributions.ts';
import type { Job, Outliers } from '../../../job/schema.ts';
import { askDistribution, type Wanted } from './ask-distribution.ts';
import type { Questions } from './questions.ts';

/**
 * The customers whose ids are their own, and the fences of outliers, which are the published ones where a model goes on;
 * undefined where a night must be refused for its ids, or has no customers.
 */
export async function askCustomers(
  questions: Questions,
  { source, outliers }: Job,
  model: Pick<Model, 'fences'> | undefined,
): Promise<FitRows | undefined> {
  const rows = await askIds(questions, source);
  if (!rows) return undefined;
  const fences = outliers ? (model?.fences ?? (await askFences(questions, rows, outliers))) : [];
  return { ...rows, fences, outlierAction: outliers?.action ?? null };
}

async function askIds(questions: Questions, source: Job['source']): Promise<CustomerRows | undefined> {
  const { dialect, customers } = questions.session;
  const rows = { dialect, customerId: source.customer_id, customersSql: customers.sql, skipInvalid: false };
  const [counted] = await questions.numbers(countIds(rows));
  const { rows_in: total = 0, without_id: unnamed = 0, ids = 0 } = counted ?? {};
  if (ids === 0) return undefined;
  // Of an id that is repeated no row is valid; how many rows that makes is seen when they are checked.
  return { ...rows, skipInvalid: unnamed > 0 || total - unnamed > ids };
}

/** The fences of the job's outliers, as `fitFences` finds them. */
async function askFences(questions: Questions, rows: CustomerRows, outliers: Outliers): Promise<Fence[]> {
  const [counted] = await questions.numbers(countFinite(rows, outliers.columns));
  const fences: Fence[] = [];
  for (const [i, column] of outliers.columns.entries()) {
    const asked = {
      count: counted?.[`finite${i + 1}`] ?? 0,
      values: finiteValues(validRows(rows), column, rows.dialect),
    };
    fences.push(fenceOf(column, await askDistribution(questions, asked, wantedForFence(outliers)), outliers));
  }
  return fences;
}

function wantedForFence(outliers: Outliers): Wanted {
  switch (outliers.method) {
    case 'iqr':
      return { quantiles: [0.25, 0.75] };
    case 'zscore':
      return { quantiles: [0, 1], moments: () => undefined };
    case 'robust_z':
      return { quantiles: [], mad: true };
    case 'percentile':
      return { quantiles: outliers.percentiles.map((percentile) => percentile / 100) };
  }
}
