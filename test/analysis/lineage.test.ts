import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchLineage } from '../../src/analysis/lineage.ts';

const published = [
  { uid: 'a', centroid: [0, 0] },
  { uid: 'b', centroid: [3, 0] },
  { uid: 'c', centroid: [0, 4] },
];

describe('lineage', () => {
  it('gives each cluster the uid of the nearest published one, and a new one its own', () => {
    const centroids = Float64Array.of(0, 0.1, 0, 9, 3.3, 0.4);
    expect(matchLineage({ centroids, k: 3, published, newUidPrefix: 'run7' })).toEqual({
      uids: ['a', 'run7-1', 'b'],
      distances: [0.1, null, expect.closeTo(0.5, 12)],
      retired: ['c'],
    });
  });

  it('accepts the largest distance itself and nothing beyond it', () => {
    const one = { k: 1, published: published.slice(0, 1), newUidPrefix: 'n' };
    expect(matchLineage({ ...one, centroids: Float64Array.of(1, 0) }).uids).toEqual(['a']);
    expect(matchLineage({ ...one, centroids: Float64Array.of(1.0001, 0) }).uids).toEqual(['n-1']);
    expect(matchLineage({ ...one, centroids: Float64Array.of(1.0001, 0), maxDistance: 2 }).uids).toEqual(['a']);
  });

  it('is new throughout on the first night, and never reuses a published uid', () => {
    expect(matchLineage({ centroids: Float64Array.of(1, 2), k: 2, published: [], newUidPrefix: 'r' }).uids).toEqual([
      'r-1',
      'r-2',
    ]);
    const taken = [{ uid: 'r-1', centroid: [50] }];
    expect(matchLineage({ centroids: Float64Array.of(1), k: 1, published: taken, newUidPrefix: 'r' }).uids).toEqual([
      'r-2',
    ]);
  });

  it('chooses the same of two that are equally near, in whatever order they are stored', () => {
    const twins = [
      { uid: 'left', centroid: [-0.5] },
      { uid: 'right', centroid: [0.5] },
    ];
    const uids = [twins, twins.toReversed()].map(
      (stored) => matchLineage({ centroids: Float64Array.of(0), k: 1, published: stored, newUidPrefix: 'n' }).uids,
    );
    expect(uids[0]).toEqual(uids[1]);
  });

  it('follows the clusters through a small drift, in whatever order they come', () => {
    const shift = fc.double({ min: -0.5, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(shift, { minLength: 6, maxLength: 6 }),
        fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
        (moves, order) => {
          const moved = order.flatMap((i) => published[i]!.centroid.map((value, axis) => value + moves[2 * i + axis]!));
          const centroids = Float64Array.from(moved);
          const expected = order.map((i) => published[i]!.uid);
          for (const before of [published, published.toReversed()]) {
            const { uids, retired } = matchLineage({ centroids, k: 3, published: before, newUidPrefix: 'n' });
            expect(uids).toEqual(expected);
            expect(retired).toEqual([]);
          }
        },
      ),
    );
  });
});
