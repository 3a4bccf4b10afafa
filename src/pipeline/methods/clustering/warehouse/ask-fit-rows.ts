import { winsorBounds, fitScale } from '../../../../analysis/scaling.ts';
import type { FeatureScale } from '../../../../analysis/model.ts';
import { featureValues } from '../../../../analysis/sql/compute/clusters.ts';
import { countFit, unusableIds, type FitRows } from '../../../../analysis/sql/compute/customer-rows.ts';
import type { Feature, Job } from '../../../../job/schema.ts';
import type { ReadContext } from '../../../context.ts';
import { notFinite } from '../../../not-finite.ts';
import { askDistribution, type Wanted } from '../../warehouse/ask-distribution.ts';
import type { Questions } from '../../warehouse/questions.ts';

/** How many customers are in the fit; refuses those that can't be fitted, as `buildFeatures` does. */
export async function askFitCount(context: ReadContext, questions: Questions, rows: FitRows): Promise<number> {
  const { features } = context.loaded.job;
  const [counted] = await questions.numbers(countFit(rows, features));
  for (const [i, [column, feature]] of Object.entries(features).entries()) {
    const count = counted?.[`bad${i + 1}`] ?? 0;
    if (count === 0) continue;
    const shown = await questions.ids(unusableIds(rows, column, feature));
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
