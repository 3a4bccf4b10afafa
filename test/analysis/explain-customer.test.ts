import { describe, expect, it } from 'vitest';
import { explainCustomer } from '../../src/analysis/explain-customer.ts';
import type { FeatureScale } from '../../src/analysis/model.ts';

const plain = { transform: 'none', scale: 'zscore', weight: 1, low: null, high: null } as const;
const scales: FeatureScale[] = [
  { ...plain, column: 'days', center: 100, spread: 50 },
  {
    ...plain,
    column: 'value',
    transform: 'log1p',
    scale: 'winsor_zscore',
    weight: 4,
    low: 0,
    high: 5,
    center: 2,
    spread: 1,
  },
];
const cluster = (segment: string, centroid: number[]) => ({ uid: segment, segment, centroid, center: [] });
const model = { scales, clusters: [cluster('recent', [-1, 0]), cluster('gone', [3, 0]), cluster('rich', [-1, 6])] };

describe('one customer among the clusters', () => {
  it('is told its nearest alternative, and which values would turn it', () => {
    // days 150 is 1 in the scale, value e² - 1 is 0: as near to recent as to gone at exactly 1.
    const told = explainCustomer(model, { days: 140, value: Math.expm1(2) })!;
    expect(told.segment).toBe('recent');
    expect(told.distance).toBeCloseTo(1.8, 12);
    expect(told.alternative?.segment).toBe('gone');
    expect(told.alternative?.distance).toBeCloseTo(2.2, 12);
    expect(told.alternative?.turns).toHaveLength(1);
    expect(told.alternative?.turns[0]?.to).toBeCloseTo(150, 9);
  });

  it('gets its other segment at the value told', () => {
    const told = explainCustomer(model, { days: 40, value: 28.96 })!;
    const turn = told.alternative!.turns[0]!;
    expect([told.segment, told.alternative!.segment, turn.column]).toEqual(['recent', 'rich', 'value']);
    expect(explainCustomer(model, { days: 40, value: turn.to * 1.001 })!.segment).toBe('rich');
    expect(explainCustomer(model, { days: 40, value: turn.to * 0.999 })!.segment).toBe('recent');
  });

  it('is told nothing where a value is missing', () => {
    expect(explainCustomer(model, { days: 40, value: null })).toBeNull();
  });
});
