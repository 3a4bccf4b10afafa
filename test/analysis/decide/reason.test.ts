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
    expect(reasonForMove(scales, before, { recency_days: 366, value: 1000 })).toBe('recency_days 364 → 366');
    expect(reasonForMove(scales, before, { recency_days: 366, value: 9000 })).toBe('value 1,000 → 9,000');
  });

  it('blames the boundary when no value changed', () => {
    const same = { recency_days: 1, value: 1 };
    expect(reasonForMove(scales, same, same)).toContain('boundary');
  });
});
