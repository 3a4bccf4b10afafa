import { winsorBounds, fitScale } from '../../../../analysis/scaling.ts';
import { fenceOf } from '../../../../analysis/outliers.ts';
import type { FeatureScale, Fence } from '../../../../analysis/model.ts';
import { featureValues } from '../../../../analysis/sql/compute/clusters.ts';
import {
  countFinite,
  countFit,
  countIds,
  unusableIds,
  validRows,
  type CustomerRows,
  type FitRows,
} from '../../../../analysis/sql/compute/customer-rows.ts';
import { finiteValues } from '../../../../analysis/sql/compute/distributions.ts';
import { columnOf } from '../../../../frame/frame.ts';
import { idAt } from '../../../../frame/id.ts';
import type { Feature, Job, Outliers } from '../../../../job/schema.ts';
import type { ReadContext } from '../../../context.ts';
import { notFinite } from '../../../not-finite.ts';
import { askDistribution, type Wanted } from './ask-distribution.ts';
import type { Questions } from './questions.ts';

/** The customers whose ids are their own; undefined where a night must be refused for its ids, or has no customers. */
export async function askCustomers(questions: Questions, { source }: Job): Promise<CustomerRows | undefined> {
  const { dialect, customers } = questions.session;
  const rows = { dialect, customerId: source.customer_id, customersSql: customers.sql, skipInvalid: false };
  const [counted] = await questions.numbers(countIds(rows));
  const { rows_in: total = 0, without_id: unnamed = 0, ids = 0 } = counted ?? {};
  if (ids === 0) return undefined;
  // Of an id that is repeated no row is valid; how many rows that makes is seen when they are checked.
  return { ...rows, skipInvalid: unnamed > 0 || total - unnamed > ids };
}

/** The fences of the job's outliers, as `fitFences` finds them. */
export async function askFences(questions: Questions, rows: CustomerRows, outliers: Outliers): Promise<Fence[]> {
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

/** How many customers are in the fit; refuses those that can't be fitted, as `buildFeatures` does. */
export async function askFitCount(context: ReadContext, questions: Questions, rows: FitRows): Promise<number> {
  const { features, source } = context.loaded.job;
  const [counted] = await questions.numbers(countFit(rows, features));
  for (const [i, [column, feature]] of Object.entries(features).entries()) {
    const count = counted?.[`bad${i + 1}`] ?? 0;
    if (count === 0) continue;
    const frame = await questions.customers(unusableIds(rows, column, feature));
    const ids = columnOf(frame, source.customer_id, 'id');
    const shown = Array.from({ length: frame.rowCount }, (_, row) => idAt(ids, row));
    throw notFinite(context.loaded, { column, path: ['features', column], count, shown });
  }
  return counted?.['fitted'] ?? 0;
}

/** The scales of the features, as `fitScales` finds them. */
export async function askScales(
  questions: Questions,
  rows: FitRows,
  { features, count }: { readonly features: Job['features']; readonly count: number },
): Promise<FeatureScale[]> {
  const scales: FeatureScale[] = [];
  for (const [column, feature] of Object.entries(features)) {
    const { transform } = feature;
    const untransformed = featureValues(rows, { column, transform: 'none' });
    const asked = {
      count,
      values: featureValues(rows, { column, transform }),
      source: { values: untransformed, transform: transform === 'log1p' ? Math.log1p : (value: number) => value },
    };
    scales.push(fitScale(column, await askDistribution(questions, asked, wantedForScale(feature)), feature));
  }
  return scales;
}

function wantedForScale({ scale }: Feature): Wanted {
  switch (scale) {
    case 'none':
      return { quantiles: [] };
    case 'minmax':
      return { quantiles: [0, 1] };
    case 'robust':
      return { quantiles: [0, 0.25, 0.75, 1], mad: true };
    case 'zscore':
      return { quantiles: [0, 1], moments: () => undefined };
    case 'winsor_zscore':
      return { quantiles: [0.01, 0.99], moments: (quantile) => winsorBounds({ quantile }) };
  }
}
