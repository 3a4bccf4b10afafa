import { correlatedPairs } from '../../../analysis/correlation.ts';
import type { Finding } from '../../../analysis/decide/checks.ts';
import type { Featured } from './features.ts';

/** Two features beyond this measure much the same, which then has twice its weight. */
const limit = 0.9;

/** A warning for each two features that say the same of the customers in the fit; categories of one text apart. */
export function countedTwice({ scales, matrix }: Pick<Featured, 'scales' | 'matrix'>): Finding[] {
  return correlatedPairs(matrix, limit).flatMap(({ a, b, r }) => {
    const [one, other] = [scales[a]!, scales[b]!];
    if (one.coding && one.coding.column === other.coding?.column) return [];
    const finding = {
      check: 'correlated_features',
      columns: [one.column, other.column],
      found: r,
      limit: `|r| > ${limit}`,
      verdict: 'warned',
      message: `counted twice: ${one.column} and ${other.column} correlate (r = ${r.toFixed(2)}); leave one out, or weigh each less`,
    } as const;
    return [finding];
  });
}
