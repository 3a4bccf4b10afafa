import { isCategory } from './codings.ts';
import type { CentroidModel, FeatureScale } from './model.ts';
import { valueIn, type Scores } from './scores.ts';

/** One column alone that would bring the customer to the other segment. */
type Turn = { readonly column: string; readonly from: number; readonly to: number };

export type CustomerExplanation = {
  /** The nearest cluster's. */
  readonly segment: string;
  readonly distance: number;
  /** The nearest cluster of another segment; null where there is none. */
  readonly alternative: { readonly segment: string; readonly distance: number; readonly turns: readonly Turn[] } | null;
};

/**
 * Where a customer with these values (raw units, by column) lies among the clusters of a model:
 * distances are Euclidean in the frozen scale. `turns` are the values of single columns at which the
 * alternative becomes as near as the segment it has, the smallest change first; a value that the scale
 * clamps, or that is negative under log1p, turns nothing and is left out, and so does a category. Within a divided segment both are
 * among its children. Null when a value is missing.
 */
export function explainCustomer(
  model: Pick<CentroidModel, 'scales' | 'clusters' | 'children'>,
  scores: Scores,
): CustomerExplanation | null {
  const raw = model.scales.map((scale) => valueIn(scores, scale));
  const place = model.scales.map((scale, i) => scaled(scale, raw[i]!));
  if (place.some((value) => !Number.isFinite(value))) return null;
  const ranked = model.clusters
    .map(({ segment, centroid }) => ({ segment, centroid, square: squareBetween(place, centroid) }))
    .sort((a, b) => a.square - b.square);
  const own = ranked[0];
  if (!own) return null;
  const divided = model.children?.find(({ segment }) => segment === own.segment);
  if (divided) return explainCustomer({ scales: divided.scales, clusters: divided.clusters }, scores);
  const other = ranked.find(({ segment }) => segment !== own.segment);
  if (!other) return { segment: own.segment, distance: Math.sqrt(own.square), alternative: null };
  const steps = model.scales.flatMap((scale, i) => {
    const step = (other.square - own.square) / (2 * (other.centroid[i]! - own.centroid[i]!));
    const to = scale.coding && isCategory(scale.coding) ? null : unscaled(scale, place[i]! + step);
    return to === null ? [] : [{ column: scale.column, from: raw[i]!, to, step: Math.abs(step) }];
  });
  const turns = steps.sort((a, b) => a.step - b.step).map(({ column, from, to }) => ({ column, from, to }));
  return {
    segment: own.segment,
    distance: Math.sqrt(own.square),
    alternative: { segment: other.segment, distance: Math.sqrt(other.square), turns },
  };
}

function scaled({ transform, low, high, center, spread, weight }: FeatureScale, value: number): number {
  const bent = transform === 'log1p' ? Math.log1p(value) : value;
  const clamped = Math.min(Math.max(bent, low ?? -Infinity), high ?? Infinity);
  return ((clamped - center) / spread) * Math.sqrt(weight);
}

/** The raw value at a place of the scale; null where no value lies there. */
function unscaled({ transform, low, high, center, spread, weight }: FeatureScale, place: number): number | null {
  const bent = (place / Math.sqrt(weight)) * spread + center;
  if (!Number.isFinite(bent) || bent < (low ?? -Infinity) || bent > (high ?? Infinity)) return null;
  const value = transform === 'log1p' ? Math.expm1(bent) : bent;
  return transform === 'log1p' && value < 0 ? null : value;
}

function squareBetween(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
}
