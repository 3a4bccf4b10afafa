import type { ProfileOperand, Statistic } from '../../job/expression/expression.ts';

/** A figure as a sentence names it: `recency_days.median`, `rank of recency_days`. */
export function operandText(operand: ProfileOperand): string {
  switch (operand.kind) {
    case 'statistic':
      return `${operand.column}.${statisticText(operand.statistic)}`;
    case 'rank':
      return `rank of ${operand.column}`;
    case 'share':
      return 'share of the customers that satisfy the condition';
    case 'size_share':
      return 'share of all customers';
    case 'revenue_share':
      return 'share of all revenue';
  }
}

function statisticText(statistic: Statistic): string {
  return typeof statistic === 'string' ? statistic : `p${Math.round(statistic.p * 100)}`;
}
