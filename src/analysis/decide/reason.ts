import type { FeatureScale } from '../model.ts';

/** A customer's features in raw units, by column. */
export type Scores = Readonly<Record<string, number | null>>;

/**
 * Why a customer moved, in one phrase: the feature that went furthest, measured in the units in
 * which customers are compared, as `recency_days 364 → 366`. When none changed, it was the
 * cluster that moved.
 */
export function reasonForMove(scales: readonly FeatureScale[], published: Scores, now: Scores): string {
  let furthest: { column: string; distance: number } | undefined;
  for (const { column, spread, weight, transform } of scales) {
    const distance =
      (Math.abs(bend(now[column], transform) - bend(published[column], transform)) / spread) * Math.sqrt(weight);
    if (distance > (furthest?.distance ?? 0)) furthest = { column, distance };
  }
  if (!furthest) return 'same values; the boundary between the segments moved';
  const { column } = furthest;
  return `${column} ${written(published[column])} → ${written(now[column])}`;
}

function bend(value: number | null | undefined, transform: FeatureScale['transform']): number {
  const known = value ?? Number.NaN;
  return transform === 'log1p' ? Math.log1p(known) : known;
}

function written(value: number | null | undefined): string {
  return (value ?? Number.NaN).toLocaleString('en-US', { maximumFractionDigits: 2 });
}
