import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipToFences, fitFences, markOutliers } from '../../src/analysis/outliers.ts';
import type { Outliers } from '../../src/job/schema.ts';
import { dataIsThere, readColumns } from './golden.ts';

const common: Pick<Outliers, 'columns' | 'action' | 'side'> = { columns: ['value'], action: 'tag', side: 'both' };
const iqr: Outliers = { ...common, method: 'iqr', factor: 1.5 };

describe('fences', () => {
  const values = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 100);
  const columns = [{ name: 'value', values }];

  it('of the interquartile range can be worked out by hand', () => {
    // q1 = 3, q3 = 7, so 1.5 * 4 beyond each
    expect(fitFences(columns, iqr)).toEqual([{ column: 'value', low: -3, high: 13 }]);
    expect([...markOutliers(columns, fitFences(columns, iqr))]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('of the robust z-score use 0.6745 |x - median| / MAD', () => {
    const [fence] = fitFences(columns, { ...common, method: 'robust_z', factor: 3.5 });
    expect(fence?.high).toBeCloseTo(5 + (3.5 * 2) / 0.6745, 12);
  });

  it('of the z-score use the population standard deviation, those of percentiles type 7', () => {
    const few = [{ name: 'value', values: Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9) }];
    expect(fitFences(few, { ...common, method: 'zscore', factor: 2 })[0]).toMatchObject({ low: 1, high: 9 });
    expect(fitFences(columns, { ...common, method: 'percentile', percentiles: [25, 75] })[0]).toMatchObject({
      low: 3,
      high: 7,
    });
  });

  it('stand on the sides asked for, and a value on the fence is inside', () => {
    expect(fitFences(columns, { ...iqr, side: 'high' })[0]).toEqual({ column: 'value', low: null, high: 13 });
    expect(fitFences(columns, { ...iqr, side: 'low' })[0]).toEqual({ column: 'value', low: -3, high: null });
    const onFence = [{ name: 'value', values: Float64Array.of(13, 13.000001, -3) }];
    expect([...markOutliers(onFence, [{ column: 'value', low: -3, high: 13 }])]).toEqual([0, 1, 0]);
  });

  it('are left out where most values are equal, instead of calling all others outliers', () => {
    const flat = [{ name: 'value', values: Float64Array.of(1, 1, 1, 1, 1, 1, 2) }];
    expect(fitFences(flat, iqr)[0]).toEqual({ column: 'value', low: null, high: null });
    expect(fitFences(flat, { ...common, method: 'robust_z', factor: 3.5 })[0]?.high).toBeNull();
    const equal = [{ name: 'value', values: new Float64Array(9).fill(0.1) }];
    expect(fitFences(equal, { ...common, method: 'zscore', factor: 3 })[0]?.high).toBeNull();
  });

  it('pass over NaN when fitting and marking, and mark infinities', () => {
    const holes = [{ name: 'value', values: Float64Array.of(NaN, ...values, Infinity) }];
    const fences = fitFences(holes, iqr);
    expect(fences).toEqual([{ column: 'value', low: -3, high: 13 }]);
    expect([...markOutliers(holes, fences)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(fitFences([{ name: 'value', values: Float64Array.of(NaN) }], iqr)[0]?.high).toBeNull();
  });

  it('clip what they would mark, and only in their own column', () => {
    const other = { name: 'other', values: Float64Array.of(999) };
    fc.assert(
      fc.property(fc.float64Array({ minLength: 1, maxLength: 50, noNaN: true, min: -1e6, max: 1e6 }), (sample) => {
        const raw = [{ name: 'value', values: sample }, other];
        const fences = fitFences(raw, iqr);
        const clipped = clipToFences(raw, fences);
        expect([...markOutliers(clipped, fences)]).not.toContain(1);
        expect(clipped[1]).toBe(other);
        const marks = markOutliers(raw, fences);
        for (const [row, mark] of marks.entries()) {
          expect(clipped[0]!.values[row] === sample[row]).toBe(mark === 0);
        }
      }),
    );
  });

  it.skipIf(!dataIsThere)('cut the 15 largest of 4,238 won deals above 10296.75', () => {
    const [closed] = readColumns('crm-sales-opportunities/sales_pipeline.csv', ['close_value']);
    const won = [{ name: 'value', values: closed!.values.filter((value) => value > 0) }];
    expect(won[0]!.values.length).toBe(4238);
    const fences = fitFences(won, iqr);
    expect(fences[0]?.high).toBe(10296.75);
    expect(markOutliers(won, fences).filter((mark) => mark === 1).length).toBe(15);
  });
});
