import type { FeatureScale } from '../model.ts';

/** A customer's features in raw units, by column. */
export type Scores = Readonly<Record<string, number | null>>;

/** Why a customer moved, in one phrase. */
export type MoveReason = {
  /** Without the customer's values, for everyone to read: `recency_days went up`. */
  readonly quiet: string;
  /** With them, for those who may see customers: `recency_days 364 → 366`. */
  readonly full: string;
};

/**
 * Why a customer moved: the feature that went furthest, measured in the units in which customers
 * are compared. When none changed, it was the cluster that moved.
 */
export function reasonForMove(scales: readonly FeatureScale[], published: Scores, now: Scores): MoveReason {
  let furthest: { column: string; distance: number; way: string } | undefined;
  for (const { column, spread, weight, transform } of scales) {
    const step = bend(now[column], transform) - bend(published[column], transform);
    const distance = (Math.abs(step) / spread) * Math.sqrt(weight);
    if (distance > (furthest?.distance ?? 0)) furthest = { column, distance, way: step > 0 ? 'up' : 'down' };
  }
  if (!furthest) return withoutValues('same values; the boundary between the segments moved');
  const { column, way } = furthest;
  return {
    quiet: `${column} went ${way}`,
    full: `${column} ${written(published[column])} → ${written(now[column])}`,
  };
}

/** A reason that holds no value of a customer. */
export function withoutValues(reason: string): MoveReason {
  return { quiet: reason, full: reason };
}

function bend(value: number | null | undefined, transform: FeatureScale['transform']): number {
  const known = value ?? Number.NaN;
  return transform === 'log1p' ? Math.log1p(known) : known;
}

function written(value: number | null | undefined): string {
  return (value ?? Number.NaN).toLocaleString('en-US', { maximumFractionDigits: 2 });
}
