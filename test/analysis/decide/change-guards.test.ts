import { describe, expect, it } from 'vitest';
import { judgeChange, measureDrift, type DriftInput } from '../../../src/analysis/decide/change-guards.ts';
import { jobSchema, type Guards } from '../../../src/job/schema.ts';

const defaults: Guards = jobSchema.shape.guards.parse(undefined);

/** 100 customers in a and 100 in b; 10 went from a to b, 5 left a, 20 entered b. */
const input: DriftInput = {
  moves: [
    { from: null, to: 'b', customers: 20 },
    { from: 'a', to: 'b', customers: 10 },
    { from: 'a', to: null, customers: 5 },
  ],
  sizes: new Map([
    ['a', 85],
    ['b', 130],
  ]),
  shifts: [0.1, 0.6],
  silhouettes: { now: 0.5, published: 0.55 },
};

function verdicts(guards: Partial<Guards>, moved = 50, drift = measureDrift(input)): string[] {
  return judgeChange({ ...defaults, ...guards }, drift, moved).map(({ guard, verdict }) => `${guard} ${verdict}`);
}

describe('the change from the published night', () => {
  it('is measured over customers of both nights', () => {
    const drift = measureDrift(input);
    expect(drift.churn).toBeCloseTo(10 / 195, 12);
    const shares = [100 / 200, 85 / 215, 130 / 215] as const;
    const psi = (shares[1] - 0.5) * Math.log(shares[1] / 0.5) + (shares[2] - 0.5) * Math.log(shares[2] / 0.5);
    expect(drift.psi).toBeCloseTo(psi, 12);
    // Pairs of the table [[85, 10], [0, 100]]: 3570 + 45 + 4950; of its margins 95, 100 and 85, 110; of 195 customers 18915.
    const expected = ((4465 + 4950) * (3570 + 5995)) / 18915;
    expect(drift.ari).toBeCloseTo((8565 - expected) / ((9415 + 9565) / 2 - expected), 12);
    expect(drift.centroid_shift).toBe(0.6);
    expect(drift.silhouette_drop).toBeCloseTo(0.05, 12);
  });

  it('is nothing on a first night', () => {
    const first = {
      ...input,
      moves: [
        { from: null, to: 'a', customers: 85 },
        { from: null, to: 'b', customers: 130 },
      ],
      shifts: [],
      silhouettes: { now: 0.5, published: null },
    };
    const nothing = { churn: null, psi: null, ari: null, centroid_shift: null, silhouette_drop: null };
    expect(measureDrift(first)).toEqual(nothing);
    expect(verdicts({}, 0, nothing)).toEqual([]);
  });

  it('holds by the limits of the job, by default those of a half for centroids and 0.8 for agreement', () => {
    expect(verdicts({})).toEqual(['psi passed', 'ari passed', 'centroid_shift held', 'silhouette_drop passed']);
    expect(
      verdicts({
        ari: { min: 0.9, then: 'warn' },
        silhouette_drop: { max: 0.01, then: 'hold' },
        centroid_shift: 'off',
      }),
    ).toEqual(['psi passed', 'ari warned', 'centroid_shift off', 'silhouette_drop held']);
  });

  it('leaves sizes and agreement alone where few customers move, or where moves are not judged', () => {
    expect(verdicts({}, 9).slice(0, 2)).toEqual(['psi off', 'ari off']);
    expect(verdicts({ moved: 'off' }).slice(0, 2)).toEqual(['psi off', 'ari off']);
    expect(verdicts({ moved: 'off', psi: { max: 0.001, then: 'hold' } }).slice(0, 2)).toEqual(['psi held', 'ari off']);
  });
});
