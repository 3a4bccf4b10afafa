import { describe, expect, it } from 'vitest';
import { judge, type GuardInput } from '../../../src/analysis/decide/guards.ts';
import { jobSchema, type Guards } from '../../../src/job/schema.ts';

const defaults: Guards = jobSchema.shape.guards.parse(undefined);
const quiet: GuardInput = {
  counts: { entered: 0, moved: 0, left: 0, updated: 0, unchanged: 1000, kept: 0, base: 1000 },
  segments: [
    { segment: 'a', customers: 600, exempt: false },
    { segment: 'b', customers: 400, exempt: false },
    { segment: 'outliers', customers: 3, exempt: true },
  ],
  baseSegments: ['a', 'b'],
  keptSegments: new Set(),
  silhouetteSq: 0.5,
  labelProblems: [],
  scaleReset: false,
};

function heldBy(input: Partial<GuardInput>, guards: Partial<Guards> = {}): string[] {
  return judge({ ...defaults, ...guards }, { ...quiet, ...input })
    .filter(({ verdict }) => verdict === 'held')
    .map(({ guard }) => guard);
}

describe('guards', () => {
  it('let a quiet night pass', () => expect(heldBy({})).toEqual([]));

  it('hold a night that moves more than the share and at least the floor', () => {
    const counts = { ...quiet.counts, moved: 101 };
    expect(heldBy({ counts })).toEqual(['moved']);
    expect(heldBy({ counts: { ...counts, moved: 100 } })).toEqual([]);
  });

  it('do not trip on fewer customers than the floor, and do from there on', () => {
    expect(heldBy({ counts: { ...quiet.counts, base: 20, moved: 9, unchanged: 11 } })).toEqual([]);
    expect(heldBy({ counts: { ...quiet.counts, base: 20, moved: 10, unchanged: 10 } })).toEqual(['moved']);
  });

  it('measure movers against the customers present on both nights', () => {
    const counts = { ...quiet.counts, moved: 80, left: 95, unchanged: 825 };
    expect(heldBy({ counts })).toEqual([]);
    expect(heldBy({ counts: { ...counts, moved: 91 } })).toEqual(['moved']);
  });

  it('take 0% with a floor of 0 to mean that none is allowed', () => {
    const guards = { leavers: { max: 0, min_customers: 0, then: 'hold' } } as const;
    expect(heldBy({ counts: { ...quiet.counts, left: 1 } }, guards)).toEqual(['leavers']);
    expect(heldBy({ counts: { ...quiet.counts, left: 0 } }, guards)).toEqual([]);
    expect(heldBy({ counts: { ...quiet.counts, left: 0, base: 0, unchanged: 0 } }, guards)).toEqual([]);
  });

  it('warn instead of holding, and stay silent when off', () => {
    const counts = { ...quiet.counts, moved: 500 };
    const verdict = (moved: Guards['moved']): string | undefined =>
      judge({ ...defaults, moved }, { ...quiet, counts }).find(({ guard }) => guard === 'moved')?.verdict;
    expect(verdict({ max: 0.1, min_customers: 10, then: 'warn' })).toBe('warned');
    expect(verdict('off')).toBe('off');
  });

  it('hold a segment that is too small, outliers excepted', () => {
    const segments = [
      { segment: 'a', customers: 998, exempt: false },
      { segment: 'b', customers: 2, exempt: false },
      { segment: 'outliers', customers: 1, exempt: true },
    ];
    expect(heldBy({ segments })).toEqual(['segment_share b']);
  });

  it('hold when a segment of the base has nobody left', () => {
    expect(heldBy({ baseSegments: ['a', 'b', 'gone'] })).toEqual(['segment_vanishes']);
    expect(heldBy({ baseSegments: ['a', 'b', 'gone'], keptSegments: new Set(['gone']) })).toEqual([]);
  });

  it('hold a cluster without a name, a new scale and a poor silhouette', () => {
    expect(heldBy({ labelProblems: ['cluster 2 matches no label'] })).toEqual(['labels']);
    expect(heldBy({ scaleReset: true })).toEqual(['scale']);
    expect(heldBy({ silhouetteSq: 0.1 }, { silhouette_sq: { min: 0.25, then: 'hold' } })).toEqual(['silhouette_sq']);
  });

  it('hold a night that has no silhouette, where one is asked for', () => {
    const results = judge({ ...defaults, silhouette_sq: { min: -1, then: 'hold' } }, { ...quiet, silhouetteSq: null });
    expect(results.at(-1)).toMatchObject({ verdict: 'held', found: '–' });
    expect(heldBy({ silhouetteSq: null })).toEqual([]);
  });
});
