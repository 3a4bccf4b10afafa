import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weighK, type KEvidence, type KFigures } from '../../../src/analysis/choosing-k/choose-k.ts';
import { clusterByKmeans, clusterByWard } from '../../../src/analysis/choosing-k/cluster-sample.ts';
import { proposeK } from '../../../src/analysis/choosing-k/propose-k.ts';
import { cutWard, fitWard } from '../../../src/analysis/hierarchical/fit.ts';
import { fitKmeans } from '../../../src/analysis/kmeans/fit.ts';
import type { Matrix } from '../../../src/analysis/matrix.ts';
import { seededRandom } from '../../../src/analysis/random.ts';
import { fitScales, scaleMatrix } from '../../../src/analysis/scaling.ts';
import { dataIsThere, matrixOf, readColumns } from '../golden.ts';

const byKmeans = (matrix: Matrix, ks: readonly number[], repeats: number): Promise<KEvidence> =>
  weighK({
    matrix,
    ks,
    seed: 1,
    repeats,
    fit: (k) => fitKmeans({ matrix, k, seed: 1, restarts: 5 }),
    clusterSample: clusterByKmeans,
  });

describe('what speaks for a number of clusters', () => {
  it.skipIf(!dataIsThere)('is what R and scikit-learn say of 995 real customers', async () => {
    const evidence = await byKmeans(orders(), [2, 3, 4, 5, 6, 7, 8, 9, 10], 10);
    const { votes, proposed } = proposeK(evidence, { least: 3, most: 8 });
    expect(votes).toEqual({ silhouette: 4, davies_bouldin: 4, calinski_harabasz: 5, gap: 5, knee: 5 });
    expect(proposed).toBe(5);
    const at4 = evidence.figures.find(({ k }) => k === 4)!;
    expect(at4.silhouette).toBeCloseTo(0.3776, 3);
    // clusterboot's mean Jaccard of the least stable cluster, which varies with the samples drawn
    for (const [k, jaccard] of [
      [2, 0.948],
      [3, 0.983],
      [5, 0.924],
      [6, 0.915],
    ] as const)
      expect(Math.abs(evidence.figures[k - 2]!.stability - jaccard), `k = ${k}`).toBeLessThan(0.1);
  });

  it.each(['k-means', 'Ward'])('finds four groups that lie apart, by %s', async (method) => {
    const matrix = groups(4, 600);
    const tree = await fitWard({ matrix, seed: 1, mostClusters: 6 });
    const evidence =
      method === 'Ward'
        ? await weighK({
            matrix,
            ks: [2, 3, 4, 5, 6],
            seed: 1,
            repeats: 5,
            fit: (k) => Promise.resolve(cutWard(matrix, tree, k)),
            clusterSample: clusterByWard,
          })
        : await byKmeans(matrix, [2, 3, 4, 5, 6], 5);
    const proposal = proposeK(evidence, { least: 3, most: 6 }, 4);
    expect(proposal.proposed).toBe(4);
    expect(proposal.votes).toMatchObject({ silhouette: 4, davies_bouldin: 4, gap: 4 });
    expect(proposal.verdict).toMatch(/^k = 4: best by silhouette/);
    expect(proposal.warnings).toEqual([]);
  });

  it('warns where few sets of features are grouped, and leaves a k out that they cannot fill', async () => {
    const matrix = matrixOf(Array.from({ length: 200 }, (_, i) => [i % 5]));
    const evidence = await byKmeans(matrix, [2, 3, 4, 5, 6, 7], 3);
    expect(evidence.figures.map(({ k }) => k)).toEqual([2, 3, 4, 5]);
    expect(proposeK(evidence, { least: 3, most: 5 }, 3).warnings[0]).toContain('only 5 different sets of features');
  });

  it('is finite or refused in a sentence, whatever the rows', async () => {
    const value = fc.oneof(
      fc.constantFrom(0, 1, -1, 1e300, 1e-300, 1e150, NaN, Infinity),
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value), { maxLength: 20 }), async (points) => {
        try {
          const { figures } = await byKmeans(matrixOf(points), [2, 3, 4], 2);
          expect(figures.every(({ inertia, daviesBouldin }) => Number.isFinite(inertia + daviesBouldin))).toBe(true);
          expect(
            proposeK({ figures, knee: undefined, gapChoice: 1, distinctRows: 9 }, { least: 2, most: 4 }).verdict,
          ).toMatch(/^(k = |No k )/);
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_DEGENERATE_FIT' });
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a proposal', () => {
  const figures = (k: number, change: Partial<KFigures> = {}): KFigures => ({
    k,
    inertia: 100 / k,
    silhouetteSq: 0.5,
    silhouette: 0.4,
    calinskiHarabasz: 100,
    daviesBouldin: 1,
    smallestShare: 0.1,
    gap: 1,
    gapError: 0.1,
    stability: 0.9,
    ...change,
  });
  const evidence = (rows: KFigures[], change: Partial<KEvidence> = {}): KEvidence => ({
    figures: rows,
    knee: undefined,
    gapChoice: 1,
    distinctRows: 1000,
    ...change,
  });

  it('goes by most votes, and to the smaller k of two that have as many', () => {
    const rows = [figures(3), figures(4, { silhouetteSq: 0.6 }), figures(5, { calinskiHarabasz: 200 })];
    expect(proposeK(evidence(rows, { knee: 5, gapChoice: 4 }), { least: 3, most: 8 }).proposed).toBe(4);
    expect(proposeK(evidence(rows, { knee: 5, gapChoice: 5 }), { least: 3, most: 8 }).proposed).toBe(5);
  });

  it('passes over clusters that are too small or not found again, and ks that labels cannot name', () => {
    const rows = [
      figures(2, { silhouetteSq: 0.9 }),
      figures(3),
      figures(4, { silhouetteSq: 0.9, smallestShare: 0.01 }),
      figures(5, { silhouetteSq: 0.9, stability: 0.7 }),
      figures(6, { silhouetteSq: 0.9 }),
    ];
    expect(proposeK(evidence(rows), { least: 3, most: 5 }).proposed).toBe(3);
  });

  it('says so where no k will do, and is wary of the k in use', () => {
    const proposal = proposeK(evidence([figures(3, { stability: 0.5, silhouetteSq: 0.1 })]), { least: 3, most: 8 }, 3);
    expect(proposal.proposed).toBeNull();
    expect(proposal.verdict).toMatch(/^No k from 3 to 8/);
    expect(proposal.warnings).toHaveLength(2);
  });

  it('names the proposed k beside the one in use', () => {
    const rows = [figures(3), figures(4, { silhouetteSq: 0.6, daviesBouldin: 0.5 })];
    expect(proposeK(evidence(rows), { least: 3, most: 8 }, 3).verdict).toBe(
      'k = 3, proposed: 4: best by Calinski-Harabasz; silhouette and Davies-Bouldin prefer 4; least stable cluster: Jaccard 0.90.',
    );
  });
});

function orders(): Matrix {
  const names = ['recency_days', 'transaction_count', 'amount'];
  const columns = readColumns('rfm-r/expected/orders_scores.csv.gz', names);
  const feature = { transform: 'none', scale: 'winsor_zscore', weight: 1 } as const;
  return scaleMatrix(columns, fitScales(columns, Object.fromEntries(names.map((name) => [name, feature]))));
}

function groups(count: number, rowCount: number): Matrix {
  const random = seededRandom(3);
  const values = Float64Array.from({ length: 2 * rowCount }, (_, i) => {
    const group = Math.floor(i / 2) % count;
    return random.float() + 4 * (i % 2 === 0 ? group % 2 : Math.floor(group / 2) + (group % 2) / 2);
  });
  return { rowCount, columnCount: 2, values };
}
