import type { CodedColumn } from '../../../../analysis/codings.ts';
import { categoryScale, fitScale, winsorBounds } from '../../../../analysis/scaling.ts';
import type { FeatureScale, FeatureSource } from '../../../../analysis/model.ts';
import { featureValues } from '../../../../analysis/sql/compute/clusters.ts';
import { countFit, unusableIds, type FitRows } from '../../../../analysis/sql/compute/customer-rows.ts';
import type { Feature, Job } from '../../../../job/schema.ts';
import type { ReadContext } from '../../../context.ts';
import { notFinite } from '../../../stages/not-finite.ts';
import { askDistribution, type Wanted } from '../../warehouse/ask-distribution.ts';
import type { Questions } from '../../warehouse/questions.ts';

/** The columns that the features of a job read, one each: all columns of a feature of categories lack a number together. */
export function featureSources(features: Job['features'], coded: readonly CodedColumn[]): FeatureSource[] {
  return Object.entries(features).map(([column, { transform }]) => {
    const made = coded.find(({ coding }) => coding.column === column);
    return { column, transform, ...(made ? { coding: made.coding } : {}) };
  });
}

/** How many customers are in the fit; refuses those that can't be fitted, as `buildFeatures` does. */
export async function askFitCount(
  context: ReadContext,
  questions: Questions,
  rows: FitRows,
  coded: readonly CodedColumn[],
): Promise<number> {
  const sources = featureSources(context.loaded.job.features, coded);
  const [counted] = await questions.numbers(countFit(rows, sources));
  for (const [i, source] of sources.entries()) {
    const count = counted?.[`bad${i + 1}`] ?? 0;
    if (count === 0) continue;
    const { column, coding } = source;
    const shown = await questions.ids(unusableIds(rows, source));
    const isText = coding !== undefined;
    throw notFinite(context.loaded, { column, path: ['features', column], count, shown, isText });
  }
  return counted?.['fitted'] ?? 0;
}

type AskedScales = {
  readonly features: Job['features'];
  readonly coded: readonly CodedColumn[];
  /** Customers in the fit. */
  readonly count: number;
};

/** The scales of the features, as `buildFeatures` finds them. */
export async function askScales(
  questions: Questions,
  rows: FitRows,
  { features, coded, count }: AskedScales,
): Promise<FeatureScale[]> {
  const scales: FeatureScale[] = [];
  for (const source of featureSources(features, coded)) {
    const { column, transform, coding } = source;
    const feature = features[column]!;
    if (feature.categories) {
      const columns = coded.filter((each) => each.coding.column === column);
      scales.push(...columns.map((each) => categoryScale(each, feature)));
      continue;
    }
    const asked = {
      count,
      values: featureValues(rows, source),
      source: {
        values: featureValues(rows, { ...source, transform: 'none' }),
        transform: transform === 'log1p' ? Math.log1p : (value: number) => value,
      },
    };
    const scale = fitScale(column, await askDistribution(questions, asked, wantedForScale(feature)), feature);
    scales.push({ ...scale, ...(coding ? { coding } : {}) });
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
