import { describe, expect, it } from 'vitest';
import { fitKmeans } from '../../../src/analysis/kmeans/fit.ts';
import type { Matrix } from '../../../src/analysis/matrix.ts';
import { seededRandom } from '../../../src/analysis/random.ts';
import { openStepper } from '../../../src/pipeline/threads/threaded-stepper.ts';

describe('threads', () => {
  it('give the same bytes as one thread, and as none', async () => {
    const matrix = blobs(70_001);
    const options = { matrix, k: 4, seed: 3, restarts: 4 };
    const alone = await fitKmeans(options);
    for (const threads of [1, 2, 3]) {
      const { stepper, close } = openStepper(matrix, threads);
      try {
        expect(await fitKmeans({ ...options, stepper })).toEqual(alone);
      } finally {
        await close();
      }
    }
    expect(alone.sizes.reduce((sum, size) => sum + size, 0)).toBe(70_001);
  });

  it('stop when the signal is aborted, even in a single thread', async () => {
    const matrix = blobs(60_000);
    const { stepper, close } = openStepper(matrix, 2);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 1);
    try {
      await expect(
        fitKmeans({ matrix, k: 4, seed: 3, restarts: 1, stepper, signal: controller.signal }),
      ).rejects.toThrow('enough');
    } finally {
      await close();
    }
  });
});

/** Overlapping clouds, so that Lloyd takes many iterations. */
function blobs(rowCount: number): Matrix {
  const random = seededRandom(11);
  const values = new Float64Array(rowCount * 3);
  for (let i = 0; i < values.length; i++) {
    values[i] = random.float() + random.float() + random.float() + (Math.floor(i / 3) % 4);
  }
  return { rowCount, columnCount: 3, values };
}
