import * as fc from 'fast-check';
import { kmeans } from 'ml-kmeans';
import { describe, expect, it } from 'vitest';
import { exchangeRows } from '../../../src/analysis/kmeans/exchange.ts';
import { fitKmeans } from '../../../src/analysis/kmeans/fit.ts';
import { lloyd } from '../../../src/analysis/kmeans/lloyd.ts';
import { nearestCentroids } from '../../../src/analysis/kmeans/nearest.ts';
import { inlineStepper } from '../../../src/analysis/kmeans/stepper.ts';
import type { Matrix } from '../../../src/analysis/matrix.ts';
import { seededRandom, type Random } from '../../../src/analysis/random.ts';
import { fitScales, scaleMatrix } from '../../../src/analysis/scaling.ts';
import { dataIsThere, matrixOf, readColumns, readJson } from '../golden.ts';

const options = { seed: 1, restarts: 10 };
/** All seeds and starts with SEGTAG_TEST_FULL=1; else as many as continuous integration can bear. */
const full = process.env.SEGTAG_TEST_FULL === '1';
const seeds = full ? Array.from({ length: 10 }, (_, i) => i + 1) : [800];
const heavyTails = full ? Array.from({ length: 20 }, (_, i) => i + 1) : [15];

describe('k-means', () => {
  it('can be worked out by hand: two pairs on a line', async () => {
    const fit = await fitKmeans({ ...options, matrix: matrixOf([[10], [0], [1], [12]]), k: 2 });
    expect([...fit.centroids]).toEqual([0.5, 11]);
    expect([...fit.labels]).toEqual([1, 0, 0, 1]);
    expect(fit).toMatchObject({ sizes: [2, 2], inertia: 2.5, converged: true, events: [] });
  });

  it.skipIf(!dataIsThere)('agrees with scikit-learn from the same start', async () => {
    type Golden = { X: number[][]; init_rows: number[]; centers: number[][]; inertia: number };
    const golden = readJson<{ kmeans_small: Golden }>('golden/analysis.json').kmeans_small;
    const initialCentroids = Float64Array.from(golden.init_rows.flatMap((row) => golden.X[row]!));
    const fit = await fitKmeans({ ...options, matrix: matrixOf(golden.X), k: 3, initialCentroids });
    const sorted = golden.centers.toSorted((a, b) => a[0]! - b[0]!).flat();
    for (const [i, value] of fit.centroids.entries()) expect(value).toBeCloseTo(sorted[i]!, 12);
    expect(fit.inertia).toBeCloseTo(golden.inertia, 12);
  });

  it.skipIf(!dataIsThere).each(['zscore', 'log1p_zscore'] as const)(
    'reaches the best known inertia of 4,338 real customers (%s), k = 2 to 8, from nine seeds of ten',
    async (preparation) => {
      const key = 'best_known_inertia_of_sklearn_100_restarts_and_R_hartigan_wong_60_restarts';
      type Oracle = { [key]: Record<string, Record<string, number>> };
      const best = readJson<Oracle>('online-retail/expected/kmeans_oracle.json')[key][preparation]!;
      const matrix = onlineRetail(preparation === 'zscore' ? 'none' : 'log1p');
      for (const [k, inertia] of Object.entries(best)) {
        let reached = 0;
        for (const seed of seeds) {
          const fit = await fitKmeans({ matrix, k: Number(k), seed, restarts: full ? 100 : 20 });
          if (fit.inertia <= 1.0001 * inertia) reached++;
        }
        if (full)
          console.log(`${preparation}, k = ${k}: ${reached} of ${seeds.length} seeds reach the best known inertia`);
        expect(reached, `k = ${k}`).toBeGreaterThanOrEqual(seeds.length - (full ? 1 : 0));
      }
    },
    full ? 1_800_000 : 180_000,
  );

  it(
    'loses no rare group of large customers, though it starts on samples of 40,000 rows',
    async () => {
      const ratios: number[] = [];
      for (const data of heavyTails) {
        const matrix = heavyTail(40_000, seededRandom(data));
        const fit = await fitKmeans({ ...options, matrix, k: 4 });
        ratios.push(fit.inertia / (await bestOfTen(matrix, 4)));
      }
      if (full) console.log(`inertia over the best of ten starts on all rows: ${ratios.join(', ')}`);
      expect(Math.max(...ratios)).toBeLessThanOrEqual(1.0001);
    },
    full ? 600_000 : 60_000,
  );

  it('ends where ml-kmeans ends from the same start', async () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 })), {
      minLength: 12,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(rows, async (points) => {
        // Irregular offsets, so that no point is equally far from two centroids.
        const data = points.map(([x, y], i) => [x + Math.sin(i) / 7, y + Math.cos(i * i) / 7]);
        const start = data.slice(0, 3).toSorted((a, b) => a[0]! - b[0]!);
        const theirs = kmeans(data, 3, { initialization: start, tolerance: 0 });
        fc.pre(theirs.converged && new Set(theirs.clusters).size === 3);
        const matrix = matrixOf(data);
        const run = await lloyd(inlineStepper(matrix), Float64Array.from(start.flat()), { maxIterations: 300 });
        fc.pre(run.events.length === 0);
        for (const [i, value] of run.centroids.entries()) expect(value).toBeCloseTo(theirs.centroids.flat()[i]!, 9);
      }),
    );
  });

  it('labels as if it had looked at every row in every iteration', async () => {
    const matrix = heavyTail(3000, seededRandom(9));
    const start = matrix.values.slice(0, 5 * matrix.columnCount);
    const stepper = inlineStepper(matrix);
    const { centroids } = await lloyd(stepper, start, { maxIterations: 300 });
    expect(stepper.labels).toEqual((await nearestCentroids(matrix, centroids)).labels);
    expect(centroids).toEqual((await plainLloyd(matrix, start)).centroids);
  });
});

describe('an exchange of rows', () => {
  it('can be worked out by hand', () => {
    // 0 2 | 3 9 with means 1 and 6 and inertia 2 + 18; moved, 3 joins 0 and 2, and 9 is alone: 14 / 3.
    const labels = Int32Array.of(0, 0, 1, 1);
    const means = exchangeRows(matrixOf([[0], [2], [3], [9]]), labels, Float64Array.of(1, 6));
    expect([...labels]).toEqual([0, 0, 0, 1]);
    expect(means[0]).toBeCloseTo(5 / 3, 12);
    expect(means[1]).toBeCloseTo(9, 12);
  });

  it('never raises the inertia', async () => {
    const points = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
      minLength: 6,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(points, async (rows) => {
        const matrix = matrixOf(rows);
        const start = matrix.values.slice(0, 6);
        const { labels, inertia } = await nearestCentroids(matrix, start);
        const means = exchangeRows(matrix, labels, start);
        const after = await nearestCentroids(matrix, means);
        expect(after.inertia).toBeLessThanOrEqual(inertia + 1e-9);
      }),
    );
  });
});

describe('a repeated fit', () => {
  const matrix = heavyTail(12_000, seededRandom(2));

  it('gives the same bytes for the same seed', async () => {
    const first = await fitKmeans({ ...options, matrix, k: 4 });
    expect(await fitKmeans({ ...options, matrix, k: 4 })).toEqual(first);
  });

  it('that starts from its own result returns it unchanged, also on data full of ties', async () => {
    const place = fc.tuple(fc.nat(4), fc.nat(4));
    const grid = fc.array(place, { minLength: 10, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(grid, fc.array(place, { minLength: 2, maxLength: 4 }), async (points, start) => {
        const k = start.length;
        fc.pre(new Set(points.map((point) => point.join())).size >= k);
        const tied = matrixOf(points);
        const cold = await fitKmeans({ ...options, restarts: 2, matrix: tied, k });
        const warm = await fitKmeans({
          ...options,
          matrix: tied,
          k,
          initialCentroids: Float64Array.from(start.flat()),
        });
        for (const first of [cold, warm]) {
          const again = await fitKmeans({ ...options, matrix: tied, k, initialCentroids: first.centroids });
          expect(again).toEqual({ ...first, iterations: 1, events: [] });
        }
      }),
      { numRuns: 300 },
    );
    const large = await fitKmeans({ ...options, matrix, k: 4 });
    const again = await fitKmeans({ ...options, matrix, k: 4, initialCentroids: large.centroids });
    expect(again.centroids).toEqual(large.centroids);
    expect(again.labels).toEqual(large.labels);
  });

  it('leaves centroids alone that would move by less than a millionth', async () => {
    const initialCentroids = Float64Array.of(0.5 + 5e-7, 10.5);
    const fit = await fitKmeans({ ...options, matrix: matrixOf([[0], [1], [10], [11]]), k: 2, initialCentroids });
    expect(fit.centroids).toEqual(initialCentroids);
  });

  it('numbers clusters by their centroids, whatever the order of the start', async () => {
    const { centroids } = await fitKmeans({ ...options, matrix, k: 3 });
    const d = matrix.columnCount;
    const turned = Float64Array.from([...centroids.slice(2 * d), ...centroids.slice(0, 2 * d)]);
    const again = await fitKmeans({ ...options, matrix, k: 3, initialCentroids: turned });
    expect(again.centroids).toEqual(centroids);
  });
});

describe('an empty cluster', () => {
  it('is moved to the farthest row, and the fit says so', async () => {
    const matrix = matrixOf([[50], [0], [1], [2]]);
    const fit = await fitKmeans({ ...options, matrix, k: 3, initialCentroids: Float64Array.of(1, 1, 900) });
    expect(fit.events[0]).toEqual({ kind: 'empty_cluster_moved', iteration: 1, row: 0 });
    expect(fit.sizes).not.toContain(0);
  });
});

describe('what cannot be clustered', () => {
  it('is one customer, fewer different customers than clusters, and none', async () => {
    expect(await refused(matrixOf([[1, 2]]), 4)).toContain('1 customer');
    expect(await refused(matrixOf([]), 2)).toContain('0 customers');
    expect(await refused(matrixOf([[1], [1], [1]]), 2)).toContain('same features');
    expect(await refused(matrixOf([[1], [2], [1], [2]]), 3)).toContain('only 2 different');
  });

  it('is a NaN, an infinity, and a distance that overflows', async () => {
    await refused(matrixOf([[1], [NaN], [3]]), 2);
    await refused(matrixOf([[1], [Infinity], [3]]), 2);
    await refused(matrixOf([[1], [-1e300], [1e300]]), 2);
    await refused(matrixOf([[0], [1e-300], [1e-300]]), 2);
  });

  it('is refused, or else every cluster has members and finite numbers', async () => {
    const value = fc.oneof(
      fc.constantFrom(0, 1, -1, 1e300, -1e300, 1e-300, 1e150, 5e-324, NaN, Infinity, 1e12),
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    );
    const rows = fc.array(fc.tuple(value, value), { minLength: 0, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 8 }), async (points, k) => {
        const matrix = matrixOf(points);
        try {
          const fit = await fitKmeans({ ...options, restarts: 2, matrix, k });
          expect(fit.sizes.every((size) => size > 0)).toBe(true);
          expect(fit.sizes.reduce((sum, size) => sum + size, 0)).toBe(points.length);
          expect(fit.centroids.every((centre) => Number.isFinite(centre))).toBe(true);
          expect(Number.isFinite(fit.inertia)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_DEGENERATE_FIT' });
        }
      }),
      { numRuns: 400 },
    );
  });

  it('copes with almost all customers alike, above and below the sampling threshold', async () => {
    for (const rowCount of [3000, 30_000]) {
      const values = new Float64Array(rowCount * 2);
      values.set([1, 2, 3, 4, 5, 6], 100);
      const fit = await fitKmeans({ ...options, matrix: { rowCount, columnCount: 2, values }, k: 4 });
      expect(fit.sizes.toSorted((a, b) => a - b)).toEqual([1, 1, 1, rowCount - 3]);
      expect(fit.inertia).toBe(0);
    }
  });
});

/** The message of the refusal that a fit must end in. */
async function refused(matrix: Matrix, k: number): Promise<string> {
  const error: unknown = await fitKmeans({ ...options, matrix, k }).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'E_DEGENERATE_FIT' });
  return (error as Error).message;
}

function onlineRetail(transform: 'none' | 'log1p'): Matrix {
  const names = ['recency_days', 'frequency', 'monetary'];
  const columns = readColumns('online-retail/expected/rfm_canonical_4338.csv.gz', names);
  const feature = { transform, scale: 'zscore', weight: 1 } as const;
  return scaleMatrix(columns, fitScales(columns, Object.fromEntries(names.map((name) => [name, feature]))));
}

/** Recency, frequency and money without a logarithm, and one customer in 2,000 very large. */
function heavyTail(rowCount: number, random: Random): Matrix {
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
  const columns = ['recency', 'frequency', 'money'].map((name) => ({ name, values: new Float64Array(rowCount) }));
  for (let row = 0; row < rowCount; row++) {
    const rich = random.float() < 0.0005;
    columns[0]!.values[row] = 365 * random.float();
    columns[1]!.values[row] = Math.exp(1.2 * normal() + (rich ? 3 : 0));
    columns[2]!.values[row] = Math.exp(1.5 * normal() + (rich ? 3.5 : 0));
  }
  const feature = { transform: 'none', scale: 'zscore', weight: 1 } as const;
  return scaleMatrix(columns, fitScales(columns, { recency: feature, frequency: feature, money: feature }));
}

async function bestOfTen(matrix: Matrix, k: number): Promise<number> {
  const stepper = inlineStepper(matrix);
  const rows = rowsOf(matrix);
  let best = Infinity;
  for (let seed = 0; seed < 10; seed++) {
    const { centroids } = kmeans(rows, k, { seed, maxIterations: 1 });
    const run = await lloyd(stepper, Float64Array.from(centroids.flat()), { maxIterations: 300 });
    best = Math.min(best, (await nearestCentroids(matrix, run.centroids, stepper)).inertia);
  }
  return best;
}

function rowsOf({ rowCount, columnCount, values }: Matrix): number[][] {
  return Array.from({ length: rowCount }, (_, row) => [...values.subarray(row * columnCount, (row + 1) * columnCount)]);
}

/** Lloyd that never skips a row. */
async function plainLloyd(matrix: Matrix, start: Float64Array): Promise<{ centroids: Float64Array }> {
  const stepper = inlineStepper(matrix);
  return lloyd({ ...stepper, step: (input) => stepper.step({ ...input, fresh: true }) }, start, { maxIterations: 300 });
}
