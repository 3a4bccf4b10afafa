import { describe, expect, it } from 'vitest';
import { reasonForMove } from '../../../src/analysis/decide/reason.ts';
import type { FeatureScale } from '../../../src/analysis/model.ts';

const scale = (column: string, spread: number, transform: FeatureScale['transform'] = 'none'): FeatureScale => ({
  column,
  transform,
  scale: 'zscore',
  weight: 1,
  low: null,
  high: null,
  center: 0,
  spread,
});
const scales = [scale('recency_days', 100), scale('value', 1, 'log1p')];

describe('reasonForMove', () => {
  it('names the feature that went furthest in scaled units', () => {
    const before = { recency_days: 364, value: 1000 };
    const full = (now: typeof before): string => reasonForMove(scales, before, now).full;
    expect(full({ recency_days: 366, value: 1000 })).toBe('recency_days 364 → 366');
    expect(full({ recency_days: 366, value: 9000 })).toBe('value 1,000 → 9,000');
  });

  it('says without values which way it went', () => {
    const before = { recency_days: 364, value: 1000 };
    const quiet = (now: typeof before): string => reasonForMove(scales, before, now).quiet;
    expect(quiet({ recency_days: 366, value: 1000 })).toBe('recency_days went up');
    expect(quiet({ recency_days: 364, value: 10 })).toBe('value went down');
  });

  it('blames the boundary when no value changed', () => {
    const same = { recency_days: 1, value: 1 };
    expect(reasonForMove(scales, same, same).quiet).toContain('boundary');
  });

  it('names a text that changed, and the way it went where texts have an order', () => {
    const rank = { column: 'grade', codes: ['low', 'high'].map((text, value) => ({ text, value })), others: null };
    const family = { column: 'family', codes: [{ text: 'couple', value: 1 }], others: 0 };
    const ofTexts = [
      { ...scale('grade', 0.5), coding: rank },
      { ...scale('family=couple', Math.SQRT2), coding: family },
    ];
    const before = { grade: 'low', family: 'couple' };
    expect(reasonForMove(ofTexts, before, { grade: 'high', family: 'single' })).toEqual({
      quiet: 'grade went up',
      full: 'grade low → high',
    });
    expect(reasonForMove(ofTexts, before, { ...before, family: 'single' })).toEqual({
      quiet: 'family changed',
      full: 'family couple → single',
    });
  });
});
