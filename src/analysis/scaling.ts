import { numbersOf, rowsWhere } from '../frame/rows.ts';
import { SegtagError } from '../errors.ts';
import type { Feature, Job } from '../job/schema.ts';
import { mismatchSpread, type CodedColumn } from './codings.ts';
import { distributionOf, type Distribution } from './distribution.ts';
import { columnNamed, type Matrix, type NumericColumn } from './matrix.ts';
import type { FeatureScale } from './model.ts';
import { clamp, type Bounds } from './quantile.ts';
import { sortNumbers } from './sort-numbers.ts';

/** Scale a MAD, or an IQR, so that it equals the standard deviation of normal values. */
const madToSd = 1.4826;
const iqrToSd = 1 / 1.349;

/** Rows whose value is null, NaN or infinite, or (with `log1p`) not above -1; ascending. */
export function notFiniteRows(column: NumericColumn, transform: Feature['transform']): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < column.values.length; row++) {
    if (!isUsable(column.values[row]!, transform)) rows.push(row);
  }
  return Uint32Array.from(rows);
}

/**
 * How each feature is put on the common scale, in the order of `features`, from the rows where
 * `inFit` is 1 (all rows without it). Order of operations: transform, clamp, centre, spread, weight;
 * see `FeatureScale` for the formula and units.
 *
 * - `winsor_zscore`: clamped to the type-7 percentiles 1 and 99 of the transformed values, then
 *   mean and population sd of the clamped values
 * - `zscore`: mean and population sd · `minmax`: minimum and range · `none`: 0 and 1
 * - `robust`: median and `1.4826 * MAD`, or `IQR / 1.349` where the MAD is 0
 *
 * Throws E_FEATURE_NOT_FINITE with the column and the number of rows (`notFiniteRows` finds them),
 * and E_DEGENERATE_FIT when no row is in the fit or a feature has no finite spread above 0.
 */
export function fitScales(
  columns: readonly NumericColumn[],
  features: Job['features'],
  inFit?: Uint8Array,
): FeatureScale[] {
  const rows = inFit && rowsWhere(inFit.length, (row) => inFit[row] === 1);
  return Object.entries(features).map(([name, feature]) => {
    const { values } = columnNamed(columns, name);
    const fitted = { name, values: rows ? numbersOf(values, rows) : values };
    requireFinite(fitted, feature.transform);
    return fitScale(name, distributionOf(sortNumbers(transformed(fitted.values, feature.transform))), feature);
  });
}

/** The scale of one feature, from its transformed values in the fit; see `fitScales`. */
export function fitScale(column: string, values: Distribution, { transform, scale, weight }: Feature): FeatureScale {
  if (values.count === 0) {
    throw degenerate(column, 'has no customer left to be fitted on', 'Loosen the outlier rule or read more rows');
  }
  const bounds = scale === 'winsor_zscore' ? winsorBounds(values) : undefined;
  const { center, spread } = centerAndSpread(values, scale, bounds);
  const least = bounds?.low ?? values.quantile(0);
  const greatest = bounds?.high ?? values.quantile(1);
  if (scale !== 'none' && least === greatest) {
    const after = bounds ? ', once the lowest and highest 1 % are clamped' : '';
    throw degenerate(
      column,
      `has the same value for every customer in the fit${after}`,
      'Leave the feature out, or scale it another way',
    );
  }
  if (spread === 0) {
    throw degenerate(
      column,
      'has the same value for most customers in the fit, so its robust spread is 0',
      'Use scale: zscore or winsor_zscore for it',
    );
  }
  if (!Number.isFinite(center) || !Number.isFinite(spread)) {
    throw degenerate(column, 'has values too large to be scaled', 'Check its unit in customers.sql');
  }
  return {
    column,
    transform,
    scale,
    weight,
    low: bounds?.low ?? null,
    high: bounds?.high ?? null,
    center,
    spread,
  };
}

/** The scale of the column of one category: wherever customers lie, a mismatch costs 1 times the weight. */
export function categoryScale({ name, coding }: CodedColumn, { weight }: Pick<Feature, 'weight'>): FeatureScale {
  const unscaled = { transform: 'none', scale: 'none', low: null, high: null, center: 0 } as const;
  return { ...unscaled, column: name, weight, spread: mismatchSpread, coding };
}

/** The percentiles that `winsor_zscore` clamps to. */
export function winsorBounds(values: Pick<Distribution, 'quantile'>): Bounds {
  return { low: values.quantile(0.01), high: values.quantile(0.99) };
}

function centerAndSpread(
  values: Distribution,
  scale: Feature['scale'],
  bounds: Bounds | undefined,
): { center: number; spread: number } {
  switch (scale) {
    case 'none':
      return { center: 0, spread: 1 };
    case 'minmax':
      return { center: values.quantile(0), spread: values.quantile(1) - values.quantile(0) };
    case 'robust': {
      const { median, mad } = values.medianAndMad();
      const iqr = values.quantile(0.75) - values.quantile(0.25);
      return { center: median, spread: mad > 0 ? madToSd * mad : iqrToSd * iqr };
    }
    case 'zscore':
    case 'winsor_zscore': {
      const { mean, sd } = values.meanAndSd(bounds);
      return { center: mean, spread: sd };
    }
  }
}

/**
 * The features on the common scale: one matrix column per scale, in order, one row per customer,
 * or per entry of `options.rows`. `shared` puts it into memory that worker threads can see.
 * Throws E_FEATURE_NOT_FINITE with the column and the number of rows.
 */
export function scaleMatrix(
  columns: readonly NumericColumn[],
  scales: readonly FeatureScale[],
  options: { readonly rows?: Uint32Array; readonly shared?: boolean } = {},
): Matrix {
  const { rows, shared = false } = options;
  const columnCount = scales.length;
  const rowCount = rows?.length ?? columns[0]?.values.length ?? 0;
  const bytes = rowCount * columnCount * Float64Array.BYTES_PER_ELEMENT;
  const values = new Float64Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  for (const [j, scale] of scales.entries()) {
    const source = columnNamed(columns, scale.column).values;
    const picked = rows ? numbersOf(source, rows) : source;
    requireFinite({ name: scale.column, values: picked }, scale.transform);
    const low = scale.low ?? -Infinity;
    const high = scale.high ?? Infinity;
    const factor = Math.sqrt(scale.weight);
    for (let i = 0; i < rowCount; i++) {
      const value = scale.transform === 'log1p' ? Math.log1p(picked[i]!) : picked[i]!;
      values[i * columnCount + j] = ((clamp(value, low, high) - scale.center) / scale.spread) * factor;
    }
  }
  return { rowCount, columnCount, values };
}

/** In memory of their own. */
function transformed(values: Float64Array, transform: Feature['transform']): Float64Array {
  const copy = values.slice();
  if (transform === 'log1p') for (let i = 0; i < copy.length; i++) copy[i] = Math.log1p(copy[i]!);
  return copy;
}

function isUsable(value: number, transform: Feature['transform']): boolean {
  return Number.isFinite(value) && (transform === 'none' || value > -1);
}

function requireFinite(column: NumericColumn, transform: Feature['transform']): void {
  const { length } = notFiniteRows(column, transform);
  if (length === 0) return;
  const customers = length === 1 ? '1 customer' : `${length} customers`;
  const bad =
    transform === 'log1p' ? 'null, NaN, infinite or at most -1, which log1p cannot take,' : 'null, NaN or infinite';
  throw new SegtagError('E_FEATURE_NOT_FINITE', {
    where: `feature "${column.name}"`,
    what: `The value is ${bad} for ${customers}.`,
    remedy: 'Give these customers a value in customers.sql (for example with COALESCE), or filter them out there.',
  });
}

function degenerate(name: string, what: string, remedy: string): SegtagError {
  return new SegtagError('E_DEGENERATE_FIT', {
    where: `feature "${name}"`,
    what: `The feature ${what}.`,
    remedy: `${remedy}.`,
  });
}
