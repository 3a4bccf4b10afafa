import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jitterMs } from '../../../src/analysis/decide/jitter.ts';

const slot = new Date('2026-06-30T01:00:00Z');
const dayMs = 86_400_000;

describe('jitterMs', () => {
  it('is the same whenever it is asked, within its bound, and none where none is wanted', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.date({ noInvalidDate: true }),
        fc.integer({ min: 1, max: 720 }),
        (job, at, minutes) => {
          const jitter = jitterMs(job, at, minutes);
          expect(jitterMs(job, new Date(at), minutes)).toBe(jitter);
          expect(jitter).toBeGreaterThanOrEqual(0);
          expect(jitter).toBeLessThan(minutes * 60_000);
          expect(jitterMs(job, at, 0)).toBe(0);
        },
      ),
    );
  });

  it('spreads jobs, and the nights of a job, evenly', () => {
    const tenths = (values: readonly number[]): number[] => {
      const counts = Array.from({ length: 10 }, () => 0);
      for (const value of values) counts[Math.floor(value / 60_000)]!++;
      return counts;
    };
    const jobs = Array.from({ length: 2000 }, (_, i) => jitterMs(`job_${i}`, slot, 10));
    const nights = Array.from({ length: 2000 }, (_, i) => jitterMs('job', new Date(slot.getTime() + i * dayMs), 10));
    // 200 expected in each tenth, with a standard deviation of 13.4: five of them.
    for (const count of [...tenths(jobs), ...tenths(nights)]) expect(Math.abs(count - 200)).toBeLessThan(67);
  });
});
