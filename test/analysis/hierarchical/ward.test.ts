import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutTree } from '../../../src/analysis/hierarchical/dendrogram.ts';
import { cutWard, fitWard } from '../../../src/analysis/hierarchical/fit.ts';
import { wardTree } from '../../../src/analysis/hierarchical/ward.ts';
import type { Matrix } from '../../../src/analysis/matrix.ts';
import { calinskiHarabasz, daviesBouldin } from '../../../src/analysis/quality.ts';
import { seededRandom } from '../../../src/analysis/random.ts';
import { fitScales, scaleMatrix } from '../../../src/analysis/scaling.ts';
import { silhouetteEuclidean } from '../../../src/analysis/silhouette.ts';
import { dataIsThere, matrixOf, readColumns } from '../golden.ts';

const points = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
  minLength: 2,
  maxLength: 30,
});

describe("Ward's tree", () => {
  it('can be worked out by hand: two pairs on a line', () => {
    // 0 1 | 10 12: pairs at their distances 1 and 2, then sqrt(2*2*2/4) * |0.5 - 11|
    const tree = wardTree(matrixOf([[10], [0], [1], [12]]));
    expect([...tree.left]).toEqual([1, 0, 4]);
    expect([...tree.right]).toEqual([2, 3, 5]);
    expect([...tree.heights]).toEqual([1, 2, Math.sqrt(2 * 10.5 ** 2)]);
    expect([...cutTree(tree, 2)]).toEqual([0, 1, 1, 0]);
  });

  it('always makes the cheapest merge, wherever the points lie', () => {
    fc.assert(
      fc.property(points, (rows) => {
        // Irregular offsets, so that no two merges cost the same.
        const data = rows.map(([x, y], i) => [x + Math.sin(i) / 7, y + Math.cos(i * i) / 7]);
        const { heights } = wardTree(matrixOf(data));
        for (const [i, height] of naiveHeights(data).entries()) expect(heights[i]).toBeCloseTo(height, 9);
      }),
    );
  });

  it('is a tree that ascends and can be cut anywhere, also on data full of ties', () => {
    fc.assert(
      fc.property(points, (rows) => {
        const tree = wardTree(matrixOf(rows));
        expect(tree.heights).toEqual(tree.heights.toSorted());
        for (let k = 1; k <= rows.length; k++) expect(new Set(cutTree(tree, k)).size).toBe(k);
      }),
    );
  });

  it('takes a weight for that many equal rows', () => {
    const whole = wardTree(matrixOf([[0], [0], [0], [4], [9], [9]]));
    const weighted = wardTree(matrixOf([[0], [4], [9]]), Float64Array.of(3, 1, 2));
    expect([...whole.heights.subarray(0, 3)]).toEqual([0, 0, 0]);
    for (const i of [0, 1]) expect(weighted.heights[i]).toBeCloseTo(whole.heights[i + 3]!, 12);
  });

  it('of one row has no merge, and of none neither', () => {
    expect(wardTree(matrixOf([[3]])).heights).toHaveLength(0);
    expect(wardTree(matrixOf([])).heights).toHaveLength(0);
  });
});

describe('a fit by Ward', () => {
  it.skipIf(!dataIsThere)('has the published cuts of 4,214 real customers, and their indices', async () => {
    const matrix = seed001();
    const fit = await fitWard({ matrix, seed: 1, mostClusters: 5 });
    expect(fit.exact).toBe(true);
    for (const [k, sizes, ...indices] of published) {
      const cut = cutWard(matrix, fit, k);
      expect(cut.sizes.toSorted((a, b) => b - a)).toEqual(sizes);
      const { mean } = silhouetteEuclidean(matrix, cut.labels, k);
      const found = [mean, daviesBouldin(matrix, cut.labels, k), calinskiHarabasz(matrix, cut.labels, k)];
      for (const [i, index] of indices.entries())
        expect(Math.abs(found[i]! / index - 1), `k = ${k}`).toBeLessThan(1e-9);
    }
    const [theirs] = readColumns('online-retail/expected/seed001_fm_4214.csv.gz', ['ward3']);
    const { labels } = cutWard(matrix, fit, 3);
    const pairs = new Set(theirs!.values.map((label, row) => 10 * label + labels[row]!));
    expect(pairs.size).toBe(3);
  });

  it('of many rows stands on micro-clusters and finds groups that lie apart', async () => {
    const { matrix, groups } = fourGroups(30_000);
    const fit = await fitWard({ matrix, seed: 1, mostClusters: 4 });
    expect(fit.exact).toBe(false);
    const { labels, sizes, inertia } = cutWard(matrix, fit, 4);
    expect(new Set(groups.map((group, row) => 10 * group + labels[row]!)).size).toBe(4);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(30_000);
    expect(inertia / 30_000).toBeLessThan(2);
    expect(await fitWard({ matrix, seed: 1, mostClusters: 4 })).toEqual(fit);
  });

  it('copes with almost all customers alike, and numbers clusters by their centroids', async () => {
    for (const rowCount of [300, 30_000]) {
      const values = new Float64Array(rowCount * 2);
      values.set([1, 2, 3, 4, 5, 6], 100);
      const matrix = { rowCount, columnCount: 2, values };
      const cut = cutWard(matrix, await fitWard({ matrix, seed: 1, mostClusters: 4 }), 4);
      expect(cut.sizes).toEqual([rowCount - 3, 1, 1, 1]);
      expect([...cut.centroids]).toEqual([0, 0, 1, 2, 3, 4, 5, 6]);
    }
  });

  it('is refused in a sentence, or else has finite numbers and no empty cluster', async () => {
    const value = fc.oneof(
      fc.constantFrom(0, 1, -1, 1e300, -1e300, 1e-300, 1e150, 5e-324, NaN, Infinity, 1e12),
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    );
    const rows = fc.array(fc.tuple(value, value), { minLength: 0, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 8 }), async (points, k) => {
        const matrix = matrixOf(points);
        try {
          const cut = cutWard(matrix, await fitWard({ matrix, seed: 1, mostClusters: k }), k);
          expect(cut.sizes.every((size) => size > 0)).toBe(true);
          expect(cut.centroids.every((centre) => Number.isFinite(centre))).toBe(true);
          expect(Number.isFinite(cut.inertia)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_DEGENERATE_FIT' });
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Silhouette, Davies-Bouldin and Calinski-Harabasz that the published notebook prints for its Ward cuts. */
const published: readonly (readonly [number, readonly number[], number, number, number])[] = [
  [5, [3637, 414, 115, 47, 1], 0.5682651544222957, 0.5381808967660886, 2115.4260836789936],
  [4, [3637, 461, 115, 1], 0.6147623268489473, 0.5845348873134818, 1842.1361273471714],
  [3, [3637, 461, 116], 0.614794076456509, 0.7852834004038303, 1536.3366746906358],
];

function seed001(): Matrix {
  const columns = readColumns('online-retail/expected/seed001_fm_4214.csv.gz', ['F', 'M']);
  const feature = { transform: 'none', scale: 'zscore', weight: 1 } as const;
  return scaleMatrix(columns, fitScales(columns, { F: feature, M: feature }));
}

function fourGroups(rowCount: number): { matrix: Matrix; groups: Int32Array } {
  const random = seededRandom(5);
  const groups = Int32Array.from({ length: rowCount }, () => Math.floor(4 * random.float() ** 2));
  const values = Float64Array.from({ length: 2 * rowCount }, (_, i) => {
    const group = groups[Math.floor(i / 2)]!;
    return random.float() + (i % 2 === 0 ? 5 * group : 5 * (group % 2));
  });
  return { matrix: { rowCount, columnCount: 2, values }, groups };
}

/** Merge heights by trying all pairs: the square root of twice the inertia that each merge adds. */
function naiveHeights(data: readonly (readonly number[])[]): number[] {
  let clusters = data.map((row) => [row]);
  const heights: number[] = [];
  while (clusters.length > 1) {
    let best = { cost: Infinity, i: 0, j: 0 };
    for (let i = 0; i < clusters.length; i++) {
      for (let j = i + 1; j < clusters.length; j++) {
        const joined = [...clusters[i]!, ...clusters[j]!];
        const cost = inertiaOf(joined) - inertiaOf(clusters[i]!) - inertiaOf(clusters[j]!);
        if (cost < best.cost) best = { cost, i, j };
      }
    }
    heights.push(Math.sqrt(2 * best.cost));
    const joined = [...clusters[best.i]!, ...clusters[best.j]!];
    clusters = [...clusters.filter((_, at) => at !== best.i && at !== best.j), joined];
  }
  return heights;
}

function inertiaOf(rows: readonly (readonly number[])[]): number {
  const mean = rows[0]!.map((_, column) => rows.reduce((sum, row) => sum + row[column]!, 0) / rows.length);
  return rows.reduce((sum, row) => sum + row.reduce((s, value, column) => s + (value - mean[column]!) ** 2, 0), 0);
}
