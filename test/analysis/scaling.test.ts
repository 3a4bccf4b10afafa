import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitScales, notFiniteRows, scaleMatrix } from '../../src/analysis/scaling.ts';
import { SegtagError } from '../../src/errors.ts';
import type { Feature, Job } from '../../src/job/schema.ts';
import { dataIsThere, readColumns, readJson } from './golden.ts';

const plain: Feature = { transform: 'none', scale: 'zscore', weight: 1 };

function features(entries: Record<string, Partial<Feature>>): Job['features'] {
  return Object.fromEntries(Object.entries(entries).map(([name, feature]) => [name, { ...plain, ...feature }]));
}

function column(...values: number[]): { name: string; values: Float64Array } {
  return { name: 'x', values: Float64Array.from(values) };
}

describe('scales', () => {
  it('can be worked out by hand: transform, clamp, centre, spread, weight', () => {
    const columns = [column(2, 4, 4, 4, 5, 5, 7, 9)];
    const scales = fitScales(columns, features({ x: { weight: 4 } }));
    expect(scales).toEqual([
      { column: 'x', transform: 'none', scale: 'zscore', weight: 4, low: null, high: null, center: 5, spread: 2 },
    ]);
    // (9 - 5) / 2 * sqrt(4)
    expect(scaleMatrix(columns, scales).values[7]).toBe(4);
  });

  it('multiply squared distances by the weight', () => {
    const columns = [column(1, 2, 6)];
    const [light, heavy] = [1, 3].map((weight) => {
      const { values } = scaleMatrix(columns, fitScales(columns, features({ x: { weight } })));
      return (values[2]! - values[0]!) ** 2;
    });
    expect(heavy! / light!).toBeCloseTo(3, 12);
  });

  it('are the range for minmax, the MAD for robust, and the IQR where the MAD is 0', () => {
    const columns = [column(1, 1, 2, 2, 4, 6, 9)];
    expect(fitScales(columns, features({ x: { scale: 'minmax' } }))[0]).toMatchObject({ center: 1, spread: 8 });
    expect(fitScales(columns, features({ x: { scale: 'robust' } }))[0]).toMatchObject({ center: 2, spread: 1.4826 });
    // Four of seven are equal, so the MAD is 0; q1 = 1, q3 = 2.5
    const tied = fitScales([column(1, 1, 1, 1, 2, 3, 9)], features({ x: { scale: 'robust' } }))[0];
    expect(tied?.spread).toBeCloseTo(1.5 / 1.349, 12);
  });

  it('clamp after the transform, so a winsorized value never leaves the bounds of the fit', () => {
    const values = Array.from({ length: 101 }, (_, i) => i);
    const scales = fitScales([column(...values)], features({ x: { transform: 'log1p', scale: 'winsor_zscore' } }));
    expect(scales[0]).toMatchObject({ low: Math.log1p(1), high: Math.log1p(99) });
    const extreme = scaleMatrix([column(1e12)], scales).values[0];
    expect(extreme).toBe((Math.log1p(99) - scales[0]!.center) / scales[0]!.spread);
  });

  it('come from the rows of the fit only, in the order of the features', () => {
    const columns = [
      { name: 'a', values: Float64Array.of(1, 3, 1000) },
      { name: 'b', values: Float64Array.of(5, 6, NaN) },
    ];
    const scales = fitScales(columns, features({ b: {}, a: {} }), Uint8Array.of(1, 1, 0));
    expect(scales.map((scale) => [scale.column, scale.center])).toEqual([
      ['b', 5.5],
      ['a', 2],
    ]);
    const rows = Uint32Array.of(1, 0);
    expect([...scaleMatrix(columns, scales, { rows, shared: true }).values]).toEqual([1, 1, -1, -1]);
  });

  it.skipIf(!dataIsThere)('agree with numpy on winsorized customer orders', () => {
    type Golden = { kmeans_orders_winsor: { clip: number[][]; mean: number[]; sd: number[] } };
    const { clip, mean, sd } = readJson<Golden>('golden/analysis.json').kmeans_orders_winsor;
    const names = ['recency_days', 'transaction_count', 'amount'];
    const columns = readColumns('rfm-r/expected/orders_scores.csv.gz', names);
    const scales = fitScales(
      columns,
      features(Object.fromEntries(names.map((name) => [name, { scale: 'winsor_zscore' as const }]))),
    );
    for (const [i, scale] of scales.entries()) {
      expect(scale.low).toBeCloseTo(clip[0]![i]!, 9);
      expect(scale.high).toBeCloseTo(clip[1]![i]!, 9);
      expect(scale.center).toBeCloseTo(mean[i]!, 9);
      expect(scale.spread).toBeCloseTo(sd[i]!, 9);
    }
  });

  it('give mean 0 and sd 1 for any finite values that differ', () => {
    const values = fc.float64Array({ minLength: 2, maxLength: 60, noNaN: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(values, (sample) => {
        fc.pre(Math.max(...sample) - Math.min(...sample) > 1e-3);
        const columns = [{ name: 'x', values: sample }];
        const scaled = scaleMatrix(columns, fitScales(columns, features({ x: {} }))).values;
        const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length;
        expect(mean).toBeCloseTo(0, 6);
        expect(scaled.reduce((sum, value) => sum + value * value, 0) / scaled.length).toBeCloseTo(1, 6);
      }),
    );
  });
});

describe('what cannot be scaled', () => {
  it('is a feature that is null, NaN or infinite: named, counted and found', () => {
    const holes = column(1, NaN, 3, Infinity);
    expect([...notFiniteRows(holes, 'none')]).toEqual([1, 3]);
    const error = failure(() => fitScales([holes], features({ x: {} })));
    expect(error).toMatchObject({ code: 'E_FEATURE_NOT_FINITE', where: 'feature "x"' });
    expect(error.what).toContain('2 customers');
    const scales = fitScales([column(1, 2)], features({ x: {} }));
    expect(failure(() => scaleMatrix([holes], scales)).code).toBe('E_FEATURE_NOT_FINITE');
  });

  it('is a value of at most -1 under log1p, and the message says so', () => {
    expect([...notFiniteRows(column(-1, -0.5, -2), 'log1p')]).toEqual([0, 2]);
    const error = failure(() => fitScales([column(-1, 5)], features({ x: { transform: 'log1p' } })));
    expect(error.message).toContain('log1p');
    expect(error.what).toContain('1 customer');
  });

  it('is a feature without spread, also one that only the clamp makes constant', () => {
    const constant = new Float64Array(50).fill(0.1);
    for (const scale of ['zscore', 'minmax', 'robust', 'winsor_zscore'] as const) {
      const error = failure(() => fitScales([{ name: 'x', values: constant }], features({ x: { scale } })));
      expect(error).toMatchObject({ code: 'E_DEGENERATE_FIT', where: 'feature "x"' });
    }
    const nearly = Float64Array.from({ length: 1000 }, (_, i) => (i === 0 ? 7 : 1));
    const clamped = failure(() =>
      fitScales([{ name: 'x', values: nearly }], features({ x: { scale: 'winsor_zscore' } })),
    );
    expect(clamped.what).toContain('clamped');
    const robust = failure(() => fitScales([{ name: 'x', values: nearly }], features({ x: { scale: 'robust' } })));
    expect(robust.what).toContain('robust spread');
  });

  it('is an empty fit, and values whose spread overflows', () => {
    expect(failure(() => fitScales([column(1, 2)], features({ x: {} }), new Uint8Array(2))).code).toBe(
      'E_DEGENERATE_FIT',
    );
    expect(failure(() => fitScales([column(-1e300, 1e300)], features({ x: {} }))).code).toBe('E_DEGENERATE_FIT');
  });
});

function failure(run: () => unknown): SegtagError {
  try {
    run();
  } catch (error) {
    if (error instanceof SegtagError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
