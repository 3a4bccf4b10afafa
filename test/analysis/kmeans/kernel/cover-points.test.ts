import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverPoints } from '../../../../src/analysis/kmeans/kernel/cover-points.ts';
import { matrixOf } from '../../golden.ts';
import { squareBetween } from './square-between.ts';

describe('points and the centroids among them', () => {
  it('lie as far from the nearest as a plain loop finds, bit for bit', () => {
    const coordinate = fc.double({ noNaN: true, min: -1e6, max: 1e6 });
    const cases = fc.integer({ min: 1, max: 9 }).chain((columnCount) =>
      fc.record({
        points: fc.array(fc.array(coordinate, { minLength: columnCount, maxLength: columnCount }), {
          minLength: 1,
          maxLength: 60,
        }),
        picks: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
        weight: fc.double({ min: 0.5, max: 9, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ points, picks, weight }) => {
        const weights = Float64Array.from(points, (_, i) => weight + i);
        const cover = coverPoints(matrixOf(points), weights);
        let distances = points.map(() => Infinity);
        for (const pick of picks) {
          const added = points[pick % points.length]!;
          distances = distances.map((distance, i) => Math.min(distance, squareBetween(points[i]!, added)));
          const inertia = distances.reduce((sum, distance, i) => sum + weights[i]! * distance, 0);
          expect(cover.try(pick % points.length, Infinity)).toBe(inertia);
          cover.prefer();
          cover.take();
          expect([...cover.distances.subarray(0, points.length)]).toEqual(distances);
        }
      }),
    );
  });

  it('go on from the preferred trial, whatever was tried after it', () => {
    const cover = coverPoints(matrixOf([[0], [1], [10]]), Float64Array.of(1, 1, 1));
    expect(cover.try(1, Infinity)).toBe(82);
    cover.prefer();
    expect(cover.try(2, Infinity)).toBe(181);
    cover.take();
    expect([...cover.distances.subarray(0, 3)]).toEqual([1, 0, 81]);
  });

  it('are given up as soon as the sum is beyond what is asked for', () => {
    const points = Array.from({ length: 5_000 }, (_, i) => [i]);
    const weights = new Float64Array(5_000).fill(1);
    const whole = coverPoints(matrixOf(points), weights).try(0, Infinity);
    const part = coverPoints(matrixOf(points), weights).try(0, 1_000);
    expect(part).toBeGreaterThan(1_000);
    expect(part).toBeLessThan(whole);
  });
});
