import { isCategory } from '../../../analysis/codings.ts';
import { columnNamed, type Matrix } from '../../../analysis/matrix.ts';
import type { CentroidModel, FeatureScale } from '../../../analysis/model.ts';
import { categoryScale, fitScales, notFiniteRows, scaleMatrix } from '../../../analysis/scaling.ts';
import type { Job } from '../../../job/schema.ts';
import type { Path } from '../../../job/yaml-text.ts';
import type { ReadContext } from '../../context.ts';
import { refuseNotFinite } from '../../stages/not-finite.ts';
import { rowsMarked } from '../../stages/outliers.ts';
import type { Coded } from './code-texts.ts';

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
  separated: Coded,
  { features, path }: { readonly features: Job['features']; readonly path: Path },
  model: Pick<CentroidModel, 'scales'> | undefined,
): Featured {
  const { columns, fitColumns, isOutlier } = separated;
  for (const [name, feature] of Object.entries(features)) {
    // All columns of a feature of categories lack a number where its text is null.
    const made = separated.coded.find(({ coding }) => coding.column === name);
    const column = made?.name ?? name;
    // An infinity stays wrong where clipping would move it to a fence.
    const infinite = notFiniteRows(columnNamed(columns, column), 'none');
    const rows = infinite.length > 0 ? infinite : notFiniteRows(columnNamed(fitColumns, column), feature.transform);
    if (rows.length > 0)
      refuseNotFinite(context.loaded, separated.customers, {
        column: name,
        path: [...path, name],
        rows,
        isText: made !== undefined,
      });
  }
  const inFit = isOutlier.map((mark) => 1 - mark);
  const scales = model?.scales ?? scalesOf(features, separated, inFit);
  const fitRows = rowsMarked(inFit, 1);
  return { scales, fitRows, matrix: scaleMatrix(fitColumns, scales, { rows: fitRows, shared: true }) };
}

function scalesOf(features: Job['features'], { fitColumns, coded }: Coded, inFit: Uint8Array): FeatureScale[] {
  return Object.entries(features).flatMap(([name, feature]) => {
    const columns = coded.filter(({ coding }) => coding.column === name);
    if (feature.categories) return columns.map((column) => categoryScale(column, feature));
    const coding = columns[0] ? { coding: columns[0].coding } : {};
    return fitScales(fitColumns, { [name]: feature }, inFit).map((scale) => ({ ...scale, ...coding }));
  });
}

/** The features in one line; the categories of one feature stand together. */
export function noteFeatures({ scales }: Featured): string {
  const texts = scales.map(({ column, transform, scale, weight, coding }) => {
    const weighted = weight === 1 ? '' : `, weight ${weight}`;
    if (coding && isCategory(coding)) {
      const categories = scales.filter((other) => other.coding?.column === coding.column).length;
      return `${coding.column} (${categories} categories${weighted})`;
    }
    const steps = [transform, scale].filter((step) => step !== 'none').join(' + ') || 'as it is';
    return `${column} (${steps}${weighted})`;
  });
  return [...new Set(texts)].join(' · ');
}
