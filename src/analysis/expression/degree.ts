import type { Comparator, Expression } from '../../job/expression/expression.ts';

/** Where a figure or a degree lies; `low` equals `high` where it is known exactly. */
export type Interval = { readonly low: number; readonly high: number };

/**
 * How far a condition holds, 0..1, where each operand lies in an interval: exact when the intervals
 * are points, else bounds that hold for every point in them. A threshold of width w is the step
 * `clamp(0.5 + (x - v) / 2w)`, a soft equality `clamp(1 - |x - v| / 2w)`; `and` takes the minimum,
 * `or` the maximum, `not` the rest to 1. An operand without a figure (null) makes the degree null,
 * as in SQL, unless the other parts decide; a comparison with text is a bug and throws a plain Error.
 */
export function degreeWithin<Operand>(
  rule: Expression<Operand>,
  figureOf: (operand: Operand) => Interval | null,
): Interval | null {
  switch (rule.kind) {
    case 'and': {
      const parts = rule.parts.map((part) => degreeWithin(part, figureOf));
      if (parts.some((part) => part?.high === 0)) return { low: 0, high: 0 };
      return allKnown(parts, Math.min);
    }
    case 'or': {
      const parts = rule.parts.map((part) => degreeWithin(part, figureOf));
      if (parts.some((part) => part?.low === 1)) return { low: 1, high: 1 };
      return allKnown(parts, Math.max);
    }
    case 'not':
      return reversed(degreeWithin(rule.part, figureOf));
    case 'between': {
      const figure = figureOf(rule.operand);
      if (!figure) return null;
      const above = step(figure, '>=', rule.low, rule.width);
      const below = step(figure, '<=', rule.high, rule.width);
      return allKnown([above, below], Math.min);
    }
    case 'compare': {
      const figure = figureOf(rule.operand);
      if (typeof rule.value !== 'number') throw new Error('a figure can only be compared with a number');
      return figure && step(figure, rule.comparator, rule.value, rule.width);
    }
    default:
      throw new Error(`"${rule.kind}" has no degree`);
  }
}

/** The degree of a condition whose figures are known; 0 where it depends on a figure that there isn't (NaN). */
export function degreeAt<Operand>(rule: Expression<Operand>, figureOf: (operand: Operand) => number): number {
  const degree = degreeWithin(rule, (operand) => {
    const figure = figureOf(operand);
    return Number.isNaN(figure) ? null : { low: figure, high: figure };
  });
  return degree?.high ?? 0;
}

function allKnown(parts: readonly (Interval | null)[], choose: (...values: number[]) => number): Interval | null {
  const known = parts.filter((part) => part !== null);
  if (known.length < parts.length) return null;
  return { low: choose(...known.map(({ low }) => low)), high: choose(...known.map(({ high }) => high)) };
}

function reversed(degree: Interval | null): Interval | null {
  return degree && { low: 1 - degree.high, high: 1 - degree.low };
}

function step({ low, high }: Interval, comparator: Comparator, value: number, width: number): Interval {
  const rises = (x: number, orEqual: boolean): number =>
    width > 0 ? clamp(0.5 + (x - value) / (2 * width)) : Number(orEqual ? x >= value : x > value);
  switch (comparator) {
    case '>':
    case '>=':
      return { low: rises(low, comparator === '>='), high: rises(high, comparator === '>=') };
    case '<':
    case '<=':
      return { low: 1 - rises(high, comparator === '<'), high: 1 - rises(low, comparator === '<') };
    case '==':
      return equality({ low, high }, value, width);
    case '!=':
      return reversed(equality({ low, high }, value, width))!;
  }
}

function equality({ low, high }: Interval, value: number, width: number): Interval {
  const nearest = Math.min(Math.max(value, low), high);
  const farthest = Math.abs(low - value) > Math.abs(high - value) ? low : high;
  const at = (x: number): number => (width > 0 ? clamp(1 - Math.abs(x - value) / (2 * width)) : Number(x === value));
  return { low: at(farthest), high: at(nearest) };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
