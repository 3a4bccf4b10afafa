import { columnNamed, type Matrix } from '../../../analysis/matrix.ts';
import type { CentroidModel, FeatureScale } from '../../../analysis/model.ts';
import { fitScales, notFiniteRows, scaleMatrix } from '../../../analysis/scaling.ts';
import type { Job } from '../../../job/schema.ts';
import type { Path } from '../../../job/yaml-text.ts';
import type { ReadContext } from '../../context.ts';
import { refuseNotFinite } from '../../not-finite.ts';
import type { Separated } from '../../outliers.ts';

export type Featured = {
  readonly scales: readonly FeatureScale[];
  /** Scaled features of the customers in the fit. */
  readonly matrix: Matrix;
  /** Matrix row to customer row. */
  readonly fitRows: Uint32Array;
};

/** Scales the features, which stand at `path` of the job, by the published scale where a model goes on. */
export function buildFeatures(
  context: ReadContext,
  separated: Separated,
  { features, path }: { readonly features: Job['features']; readonly path: Path },
  model: Pick<CentroidModel, 'scales'> | undefined,
): Featured {
  const { columns, fitColumns, isOutlier } = separated;
  for (const [name, feature] of Object.entries(features)) {
    // An infinity stays wrong where clipping would move it to a fence.
    const infinite = notFiniteRows(columnNamed(columns, name), 'none');
    const rows = infinite.length > 0 ? infinite : notFiniteRows(columnNamed(fitColumns, name), feature.transform);
    if (rows.length > 0)
      refuseNotFinite(context.loaded, separated.customers, { column: name, path: [...path, name], rows });
  }
  const inFit = isOutlier.map((mark) => 1 - mark);
  const scales = model?.scales ?? fitScales(fitColumns, features, inFit);
  const fitRows = Uint32Array.from(inFit.keys()).filter((row) => inFit[row] === 1);
  return { scales, fitRows, matrix: scaleMatrix(fitColumns, scales, { rows: fitRows, shared: true }) };
}

/** The features in one line. */
export function noteFeatures({ scales }: Featured): string {
  return scales
    .map(({ column, transform, scale, weight }) => {
      const steps = [transform, scale].filter((step) => step !== 'none').join(' + ') || 'as it is';
      return `${column} (${steps}${weight === 1 ? '' : `, weight ${weight}`})`;
    })
    .join(' · ');
}
