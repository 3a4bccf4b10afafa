import { isCategory } from '../codings.ts';
import type { FeatureScale } from '../model.ts';
import { valueIn, type Scores } from '../scores.ts';

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
  let furthest: { scale: FeatureScale; distance: number; step: number } | undefined;
  for (const scale of scales) {
    const { spread, weight, transform } = scale;
    const step = bend(valueIn(now, scale), transform) - bend(valueIn(published, scale), transform);
    const distance = (Math.abs(step) / spread) * Math.sqrt(weight);
    if (distance > (furthest?.distance ?? 0)) furthest = { scale, distance, step };
  }
  if (!furthest) return withoutValues('same values; the boundary between the segments moved');
  const { scale, step } = furthest;
  const column = scale.coding?.column ?? scale.column;
  const way = step > 0 ? 'went up' : 'went down';
  return {
    quiet: `${column} ${scale.coding && isCategory(scale.coding) ? 'changed' : way}`,
    full: `${column} ${written(published[column])} → ${written(now[column])}`,
  };
}

/** A reason that holds no value of a customer. */
export function withoutValues(reason: string): MoveReason {
  return { quiet: reason, full: reason };
}

function bend(value: number, transform: FeatureScale['transform']): number {
  return transform === 'log1p' ? Math.log1p(value) : value;
}

function written(value: Scores[string] | undefined): string {
  if (typeof value === 'string') return value;
  return (value ?? Number.NaN).toLocaleString('en-US', { maximumFractionDigits: 2 });
}
