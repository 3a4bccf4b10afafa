import { describe, expect, it } from 'vitest';
import { modelChanges } from '../../src/analysis/model-changes.ts';
import type { CentroidModel } from '../../src/analysis/model.ts';

const scale = { transform: 'none', scale: 'zscore', weight: 1, low: null, high: null, center: 0, spread: 1 } as const;
const model: CentroidModel = {
  version: 1,
  method: 'kmeans',
  seed: 1,
  outlierAction: null,
  outlierSegment: null,
  fences: [{ column: 'value', low: null, high: 100 }],
  shapeHash: 'a',
  fittedOn: '2026-06-30',
  silhouetteSq: 0.5,
  scales: [{ column: 'value', ...scale }],
  clusters: [
    { uid: 'r-1', segment: 'low', centroid: [0, 0], center: [1, 1] },
    { uid: 'r-2', segment: 'high', centroid: [3, 4], center: [9, 9] },
  ],
  guards: [],
};

describe('modelChanges', () => {
  it('of a model and itself are none', () => {
    expect(modelChanges(model, structuredClone(model))).toEqual([]);
  });

  it('tell how far a centroid has moved: from (3, 4) to the origin by 5', () => {
    const clusters = model.clusters.map((cluster) => ({ ...cluster, centroid: [0, 0] }));
    expect(modelChanges(model, { ...model, clusters })).toEqual([
      { what: 'centroid of high (r-2)', before: null, after: 'moved by 5' },
    ]);
  });

  it('tell of clusters, features and fences that came, went or say something else', () => {
    const after = {
      ...model,
      fences: [],
      scales: [
        { column: 'value', ...scale, transform: 'log1p' as const },
        { column: 'orders', ...scale },
      ],
      clusters: [
        { ...model.clusters[0]!, segment: 'middle' },
        { ...model.clusters[1]!, uid: 'r-3' },
      ],
    };
    expect(
      modelChanges(model, after).map(({ what, before, after: now }) => [what, before !== null, now !== null]),
    ).toEqual([
      ['outlier fence value', true, false],
      ['feature value', true, true],
      ['feature orders', false, true],
      ['cluster r-1', true, true],
      ['cluster r-3', false, true],
      ['cluster r-2', true, false],
    ]);
  });
});
