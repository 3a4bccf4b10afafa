import { codeOf } from './codings.ts';
import type { FeatureScale } from './model.ts';

/** What is published of a customer: columns in raw units, texts that are features, and the method's own scores. */
export type Scores = Readonly<Record<string, number | string | null>>;

/** The number that a feature sees of published values; NaN where there is none. */
export function valueIn(scores: Scores, { column, coding }: FeatureScale): number {
  const value = scores[coding?.column ?? column];
  if (coding) return codeOf(coding, value);
  return typeof value === 'number' ? value : NaN;
}
