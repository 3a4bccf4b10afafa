import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstWithinError, gapOf, referenceRows } from '../../../src/analysis/choosing-k/gap.ts';
import { findKnee } from '../../../src/analysis/choosing-k/knee.ts';
import { bestJaccards } from '../../../src/analysis/choosing-k/stability.ts';
import { seededRandom } from '../../../src/analysis/random.ts';
import { dataIsThere, matrixOf, readJson } from '../golden.ts';

describe('the knee of a curve', () => {
  it('can be seen by eye: where a steep fall turns flat', () => {
    expect(findKnee([2, 3, 4, 5, 6], [100, 50, 10, 8, 7])).toBe(4);
  });

  it.skipIf(!dataIsThere)('is where kneed finds it, and moves with the range', () => {
    type Golden = { x: number[]; y: number[]; knee: number; same_curve_truncated: Record<string, number> };
    const {
      x,
      y,
      knee,
      same_curve_truncated: truncated,
    } = readJson<{ kneedle: Golden }>('golden/analysis.json').kneedle;
    expect(findKnee(x, y)).toBe(knee);
    for (const [range, expected] of Object.entries(truncated)) {
      const last = Number(range.split('..')[1]);
      if (last > x.at(-1)!) continue;
      const length = x.indexOf(last) + 1;
      expect(findKnee(x.slice(0, length), y.slice(0, length)), range).toBe(expected);
    }
  });

  it('is absent from a straight line, a flat one, two points and numbers that are none', () => {
    expect(findKnee([2, 3, 4, 5], [4, 3, 2, 1])).toBeUndefined();
    expect(findKnee([2, 3, 4], [7, 7, 7])).toBeUndefined();
    expect(findKnee([2, 3], [7, 1])).toBeUndefined();
    expect(findKnee([2, 3, 4], [7, NaN, 1])).toBeUndefined();
  });
});

describe('the gap statistic', () => {
  it('is the mean log inertia of the references less that of the data, with the error of B references', () => {
    const { gap, error } = gapOf([Math.E], [[Math.exp(3)], [Math.exp(5)]]);
    expect(gap[0]).toBeCloseTo(3, 12);
    // sample variance of 3 and 5 is 2; times 1 + 1/2
    expect(error[0]).toBeCloseTo(Math.sqrt(3), 12);
  });

  it('takes the smallest k within one error of the first local maximum', () => {
    expect(firstWithinError({ gap: [0.1, 0.5, 0.55, 0.4, 0.9], error: [0.1, 0.1, 0.1, 0.1, 0.1] })).toBe(2);
    expect(firstWithinError({ gap: [0.1, 0.3, 0.55, 0.4, 0.9], error: [0.1, 0.1, 0.1, 0.1, 0.1] })).toBe(3);
    expect(firstWithinError({ gap: [0.5, 0.4, 0.3], error: [0.1, 0.1, 0.1] })).toBe(1);
    expect(firstWithinError({ gap: [0.1, 0.3, 0.5], error: [0.01, 0.01, 0.01] })).toBe(3);
  });

  it('draws its references from the box of the data', () => {
    const reference = referenceRows(
      matrixOf([
        [0, 5],
        [1, 9],
        [0.5, 7],
      ]),
      seededRandom(1),
    );
    for (const [i, value] of reference.values.entries()) {
      expect(value).toBeGreaterThanOrEqual(i % 2 === 0 ? 0 : 5);
      expect(value).toBeLessThanOrEqual(i % 2 === 0 ? 1 : 9);
    }
  });
});

describe('the similarity of clusters with their best match', () => {
  it('can be worked out by hand', () => {
    // {0 1 2} against {0 1} shares 2 of 3; {3 4} against {2 3 4} 2 of 3
    const others = { labels: Int32Array.of(1, 1, 0, 0, 0), k: 2 };
    expect(bestJaccards(Int32Array.of(0, 0, 0, 1, 1), 2, others)).toEqual([2 / 3, 2 / 3]);
  });

  it('is 1 for the same clusters under other numbers, and never above', () => {
    const labels = fc.array(fc.nat(3), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(labels, (numbers) => {
        const own = Int32Array.from(numbers);
        const turned = { labels: own.map((label) => 3 - label), k: 4 };
        for (const [cluster, jaccard] of bestJaccards(own, 4, turned).entries())
          expect(jaccard).toBe(numbers.includes(cluster) ? 1 : 0);
      }),
    );
  });
});
