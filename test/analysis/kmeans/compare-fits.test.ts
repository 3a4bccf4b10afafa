import { describe, expect, it } from 'vitest';
import { compareFits } from '../../../src/analysis/kmeans/compare-fits.ts';
import { fitKmeans } from '../../../src/analysis/kmeans/fit.ts';
import { forFigures } from '../../../src/analysis/kmeans/lloyd.ts';
import { nearestCentroids } from '../../../src/analysis/kmeans/nearest.ts';
import { inlineStepper } from '../../../src/analysis/kmeans/stepper.ts';
import type { Matrix } from '../../../src/analysis/matrix.ts';
import { seededRandom } from '../../../src/analysis/random.ts';
import { openStepper } from '../../../src/pipeline/threads/threaded-stepper.ts';

const options = { seed: 1, restarts: 10 };

describe('fits that are compared', () => {
  it.each([
    ['customers in four groups', clouds(20_000)],
    ['customers of whom few are very large', heavyTail(20_000)],
  ])('end as low as those of a night: %s', async (_, matrix) => {
    const fit = compareFits({ ...options, matrix, stepper: inlineStepper(matrix) });
    for (const k of [2, 4, 6]) {
      const compared = await fit(k);
      const { labels, inertia } = await nearestCentroids(matrix, compared.centroids);
      expect(compared).toMatchObject({ labels, inertia });
      const night = await fitKmeans({ ...options, matrix, k, tolerance: forFigures });
      expect(inertia, `k = ${k}`).toBeLessThanOrEqual(1.0001 * night.inertia);
    }
  });

  it('are the same bytes for any number of threads, and whatever was fitted before', async () => {
    const matrix = clouds(60_000);
    const alone = await compareFits({ ...options, matrix, stepper: inlineStepper(matrix) })(4);
    const { stepper, close } = openStepper(matrix, 3);
    try {
      const fit = compareFits({ ...options, matrix, stepper });
      await fit(3);
      expect(await fit(4)).toEqual(alone);
    } finally {
      await close();
    }
  });

  it('fill every cluster where almost all customers are alike', async () => {
    const values = new Float64Array(20_000 * 2);
    values.set([1, 2, 3, 4, 5, 6], 100);
    const matrix = { rowCount: 20_000, columnCount: 2, values };
    const fit = compareFits({ ...options, matrix, stepper: inlineStepper(matrix) });
    const { sizes, inertia } = await fit(4);
    expect(sizes.toSorted((a, b) => a - b)).toEqual([1, 1, 1, 19_997]);
    expect(inertia).toBe(0);
    await expect(fit(5)).rejects.toMatchObject({ code: 'E_DEGENERATE_FIT' });
  });

  it('refuse what cannot be measured', async () => {
    const matrix = clouds(12_000);
    matrix.values[7] = NaN;
    const fit = compareFits({ ...options, matrix, stepper: inlineStepper(matrix) });
    await expect(fit(2)).rejects.toMatchObject({ code: 'E_DEGENERATE_FIT' });
  });
});

/** Four overlapping groups. */
function clouds(rowCount: number): Matrix {
  const random = seededRandom(11);
  const values = Float64Array.from({ length: 3 * rowCount }, (_, i) => {
    const group = Math.floor(i / 3) % 4;
    return random.float() + random.float() + random.float() + ((group * ((i % 3) + 1)) % 4);
  });
  return { rowCount, columnCount: 3, values };
}

/** Two columns without a logarithm, in which one customer in a thousand is very large. */
function heavyTail(rowCount: number): Matrix {
  const random = seededRandom(5);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
  const values = Float64Array.from({ length: 2 * rowCount }, (_, i) =>
    Math.exp(1.3 * normal() + (Math.floor(i / 2) % 1000 === 0 ? 3 : 0)),
  );
  return { rowCount, columnCount: 2, values };
}
