import type { RfmAxisName } from '../../job/rfm/settings.ts';
import type { FittedRfm, RfmScores } from './scoring.ts';

/** How one axis was scored. */
export type AxisScores = {
  readonly axis: RfmAxisName;
  readonly column: string;
  readonly better: 'high' | 'low';
  /** Upper ends of all bins but the last, of all customers together, in units of the column. */
  readonly edges: readonly number[];
  /** Customers of each score, from 1. */
  readonly customers: readonly number[];
  /** Scores that nobody has, as where equal values take several bins at once. */
  readonly collapsed: readonly number[];
};

/** One axis after the other. */
export function describeScores({ axes }: FittedRfm, { byAxis }: RfmScores): AxisScores[] {
  return axes.map(({ axis, column, better, bins, edges }) => {
    const customers = Array.from({ length: bins }, () => 0);
    for (const score of byAxis[axis] ?? []) customers[score - 1]! += 1;
    const collapsed = [...customers.keys()].filter((i) => customers[i] === 0).map((i) => i + 1);
    return { axis, column, better, edges: edges['']!.map(({ value }) => value), customers, collapsed };
  });
}

/** What makes scores say little: bins without anybody, and bins with nearly everybody. */
export function scoreNotes(described: readonly AxisScores[]): string[] {
  return described.flatMap(({ axis, column, customers, collapsed }) => {
    const total = customers.reduce((sum, count) => sum + count, 0);
    const most = Math.max(...customers);
    const share = Math.round((1000 * most) / total) / 10;
    return [
      ...(collapsed.length > 0 && total > 0
        ? [`${axis}: nobody has score ${collapsed.join(' or ')} by ${column}`]
        : []),
      ...(most > 0.8 * total ? [`${axis}: ${share} % of the customers have score ${customers.indexOf(most) + 1}`] : []),
    ];
  });
}
