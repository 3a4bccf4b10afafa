import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreRfm } from '../../../src/analysis/rfm/scoring.ts';
import { SegtagError } from '../../../src/errors.ts';
import { inputOf, scored, settingsOf, type Rfm } from './fixtures.ts';

const five: Rfm = { recency: [1, 2, 3, 4, 5], frequency: [5, 4, 3, 2, 1], monetary: [10, 20, 30, 40, 50] };

describe('scoring', () => {
  it('gives the fewest days and the most orders the highest score', () => {
    expect(scored(five, {}).digits).toEqual([551, 442, 333, 224, 115]);
  });

  it('turns an axis round where the job says which end is better', () => {
    const turned = scored(five, { monetary: { column: 'monetary', better: 'low' } });
    expect(turned.digits).toEqual([555, 444, 333, 222, 111]);
  });

  it('lets equal values share a bin, so that some scores nobody has', () => {
    const frequency = [1, 1, 1, 1, 9];
    expect(scored({ ...five, frequency }, {}).digits.map((digits) => Math.floor(digits / 10) % 10)).toEqual([
      1, 1, 1, 1, 5,
    ]);
  });

  it('tells equal values apart by customer id where it scores by rank, as NTILE does with uneven parts', () => {
    const frequency = [1, 1, 1, 1, 1, 1, 1];
    const recency = [1, 2, 3, 4, 5, 6, 7];
    const by = (how: string): number[] =>
      scored(
        { recency, frequency, monetary: recency },
        { frequency: { column: 'frequency', bins: 3, by: how } },
      ).digits.map((digits) => Math.floor(digits / 10) % 10);
    expect(by('rank')).toEqual([1, 1, 1, 2, 2, 3, 3]);
    expect(by('ntile')).toEqual([1, 1, 1, 2, 2, 3, 3]);
  });

  it('cuts frequency within each recency score, and monetary within both, when nested', () => {
    const values = { recency: [1, 2, 8, 9], frequency: [1, 2, 10, 20], monetary: [1, 1, 1, 1] };
    const two = (column: string): Record<string, unknown> => ({ column, bins: 2 });
    const axes = { recency: two('recency'), frequency: two('frequency'), monetary: two('monetary') };
    expect(scored(values, axes).digits).toEqual([211, 211, 121, 121]);
    expect(scored(values, { ...axes, binning: 'nested' }).digits).toEqual([211, 221, 111, 121]);
  });

  it.each([
    ['average', [11 / 3, 10 / 3, 3, 8 / 3, 7 / 3]],
    ['sum', [11, 10, 9, 8, 7]],
    ['digits', [551, 442, 333, 224, 115]],
  ])('makes one score of three: %s', (score, expected) => {
    expect([...scored(five, { score }).scores.combined]).toEqual(expected);
  });

  it('weighs the scores in the average', () => {
    const { combined } = scored(five, { recency: { column: 'recency', weight: 2 } }).scores;
    expect([...combined]).toEqual([16, 14, 12, 10, 8].map((sum) => sum / 4));
  });

  it('puts a cut into the lower side, and takes percentiles of one’s own', () => {
    const cut = { column: 'monetary', cuts: [20, 40] };
    expect(scored(five, { monetary: cut }).digits.map((digits) => digits % 10)).toEqual([1, 1, 2, 2, 3]);
    const percentiles = { column: 'monetary', percentiles: [50, 75] };
    expect(scored(five, { monetary: percentiles }).digits.map((digits) => digits % 10)).toEqual([1, 1, 1, 2, 3]);
  });
});

const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(1e300, -1e300, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, 0),
);
const anyValue = fc.oneof({ weight: 20, arbitrary: value }, fc.constantFrom(NaN, Infinity, -Infinity));
const customers = (of: fc.Arbitrary<number>): fc.Arbitrary<Rfm> =>
  fc.array(fc.tuple(of, of, of), { minLength: 1, maxLength: 40 }).map((rows) => ({
    recency: rows.map(([r]) => r),
    frequency: rows.map(([, f]) => f),
    monetary: rows.map(([, , m]) => m),
  }));
const bins = fc.integer({ min: 2, max: 9 });
const ways = fc.record({
  by: fc.constantFrom('quantile', 'rank', 'ntile'),
  binning: fc.constantFrom('independent', 'nested'),
  preset: fc.constantFrom('segtag', 'r-rfm'),
  bins,
});

function written({
  by,
  bins: count,
  ...rest
}: {
  by: string;
  bins: number;
  binning: string;
  preset: string;
}): Record<string, unknown> {
  return {
    ...rest,
    ...Object.fromEntries(['recency', 'frequency', 'monetary'].map((column) => [column, { column, bins: count, by }])),
  };
}

describe('scoring of any customers whatever', () => {
  it('ends in scores of the range, or in a sentence', () => {
    fc.assert(
      fc.property(customers(anyValue), ways, (values, way) => {
        try {
          const { scores, fitted } = scored(values, written(way));
          expect(JSON.stringify(fitted)).not.toMatch(/null,null|NaN|Infinity/);
          for (const axis of Object.values(scores.byAxis)) {
            expect(axis.every((score) => score >= 1 && score <= way.bins)).toBe(true);
          }
          expect(scores.combined.every((score) => Number.isFinite(score))).toBe(true);
        } catch (error) {
          if (!(error instanceof SegtagError)) throw error;
          expect(['E_FEATURE_NOT_FINITE', 'E_DEGENERATE_FIT']).toContain(error.code);
          expect(error.message).not.toContain('NaN for NaN');
        }
      }),
    );
  });

  it('gives by the edges it found the scores it gave, after a round trip through JSON', () => {
    fc.assert(
      fc.property(customers(fc.integer({ min: -5, max: 5 })), ways, (values, way) => {
        const { scores, fitted } = scored(values, written(way));
        const again = scoreRfm(JSON.parse(JSON.stringify(fitted)) as typeof fitted, inputOf(values));
        expect(again).toEqual(scores);
      }),
    );
  });

  it('never scores a customer lower than one with fewer orders', () => {
    fc.assert(
      fc.property(customers(fc.integer({ min: -5, max: 5 })), ways, (values, way) => {
        const { frequency } = scored(values, written({ ...way, binning: 'independent' })).scores.byAxis;
        for (const [i, a] of values.frequency.entries())
          for (const [j, b] of values.frequency.entries())
            if (a > b) expect(frequency![i]! >= frequency![j]!).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses to score nobody', () => {
    expect(() => scored({ recency: [], frequency: [], monetary: [] }, {})).toThrow(/no customer left/);
  });
});

describe('settings', () => {
  it('take what the job says before what the preset says', () => {
    const settings = settingsOf({
      preset: 'seed-004',
      frequency: { column: 'frequency', bins: 4 },
      tiers: ['low', 'high'],
    });
    expect(settings.axes.map(({ cut }) => cut)).toEqual([
      { by: 'quantile', shares: [0.3, 0.53, 0.8] },
      { by: 'quantile', shares: [0.25, 0.5, 0.75] },
      { by: 'quantile', shares: [0.65, 0.95, 0.998] },
    ]);
    expect(settings.tiers).toEqual(['low', 'high']);
  });
});
