import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { degreeAt, degreeWithin } from '../../../src/analysis/expression/degree.ts';
import type { ProfileOperand } from '../../../src/job/expression/expression.ts';
import { parseProfilePredicate } from '../../../src/job/expression/profile-predicate.ts';

function ruleOf(text: string) {
  const parsed = parseProfilePredicate(text);
  if ('mistake' in parsed) throw new Error(parsed.mistake.message);
  return parsed.value;
}

function columnOf(operand: ProfileOperand): string {
  return operand.kind === 'statistic' ? operand.column : operand.kind;
}

function degree(text: string, figures: Record<string, number>): number {
  return degreeAt(ruleOf(text), (operand) => figures[columnOf(operand)] ?? NaN);
}

describe('the degree of a condition', () => {
  it('rises from 0 to 1 over twice the width, and is a half at the threshold', () => {
    expect([300, 335, 365, 380, 395, 500].map((a) => degree('a.median >= 365 ~30', { a }))).toEqual([
      0, 0, 0.5, 0.75, 1, 1,
    ]);
    expect([335, 365, 380].map((a) => degree('a.median < 365 ~30', { a }))).toEqual([1, 0.5, 0.25]);
    expect([1, 2, 3].map((a) => degree('a.median == 1 ~0.5', { a }))).toEqual([1, 0, 0]);
    expect([1, 1.5, 2].map((a) => degree('a.median != 1 ~0.5', { a }))).toEqual([0, 0.5, 1]);
    expect([5, 10, 15, 20, 25].map((a) => degree('a.median between 10 and 20 ~5', { a }))).toEqual([0, 0.5, 1, 0.5, 0]);
  });

  it('is a plain step without a width', () => {
    expect([364, 365, 366].map((a) => degree('a.median >= 365', { a }))).toEqual([0, 1, 1]);
    expect([364, 365, 366].map((a) => degree('a.median > 365', { a }))).toEqual([0, 0, 1]);
    expect([364, 365, 366].map((a) => degree('a.median <= 365', { a }))).toEqual([1, 1, 0]);
    expect([364, 365, 366].map((a) => degree('a.median < 365', { a }))).toEqual([1, 0, 0]);
  });

  it('takes the minimum of and, the maximum of or, the rest of not', () => {
    expect(degree('a.median >= 10 ~5 and b.median >= 10 ~5', { a: 11, b: 12 })).toBeCloseTo(0.6, 12);
    expect(degree('a.median >= 10 ~5 or b.median >= 10 ~5', { a: 11, b: 12 })).toBeCloseTo(0.7, 12);
    expect(degree('not a.median >= 10 ~5', { a: 11 })).toBeCloseTo(0.4, 12);
  });

  it('is 0 where it depends on a figure that there is not', () => {
    expect(degree('a.median >= 10', {})).toBe(0);
    expect(degree('not a.median >= 10', {})).toBe(0);
    expect(degree('a.median >= 10 or b.median > 0', { b: 1 })).toBe(1);
    expect(degree('a.median >= 10 and b.median > 0', { b: 1 })).toBe(0);
  });

  it('lies within its bounds for every point of the intervals', () => {
    const comparator = fc.constantFrom('<', '<=', '>', '>=', '==', '!=');
    const atom = fc
      .tuple(fc.constantFrom('a', 'b'), comparator, fc.integer({ min: -5, max: 5 }), fc.constantFrom('', ' ~2'))
      .map(([column, sign, value, width]) => `${column}.median ${sign} ${value}${width}`);
    const rule = fc
      .tuple(fc.array(atom, { minLength: 1, maxLength: 4 }), fc.constantFrom(' and ', ' or '), fc.boolean())
      .map(([atoms, join, negated]) => (negated ? `not (${atoms.join(join)})` : atoms.join(join)));
    const place = fc.double({ min: -6, max: 6, noNaN: true });
    fc.assert(
      fc.property(rule, fc.tuple(place, place), fc.tuple(place, place), fc.tuple(place, place), (text, a, b, at) => {
        const interval = ([x, y]: [number, number]) => ({ low: Math.min(x, y), high: Math.max(x, y) });
        const within: Record<string, { low: number; high: number }> = { a: interval(a), b: interval(b) };
        const clamp = (x: number, { low, high }: { low: number; high: number }) => Math.min(Math.max(x, low), high);
        const inside = { a: clamp(at[0], within['a']!), b: clamp(at[1], within['b']!) };
        const bounds = degreeWithin(ruleOf(text), (operand) => within[columnOf(operand)]!)!;
        const exact = degree(text, inside);
        expect(exact).toBeGreaterThanOrEqual(bounds.low - 1e-12);
        expect(exact).toBeLessThanOrEqual(bounds.high + 1e-12);
      }),
    );
  });
});
