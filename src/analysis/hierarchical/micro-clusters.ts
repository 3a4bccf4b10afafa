import { drawCoreset } from '../kmeans/coreset.ts';
import { lloyd } from '../kmeans/lloyd.ts';
import { weightedStart } from '../kmeans/plus-plus.ts';
import { inlineStepper, type LloydStepper } from '../kmeans/stepper.ts';
import { takeMatrixRows, type Matrix } from '../matrix.ts';
import { seededRandom } from '../random.ts';

const coresetSize = 10_000;
/** Micro-clusters need not be the best ones, only small. */
const iterations = 5;

/** Many small groups of rows in place of the rows: their means, how many rows each has, and whose group each row is in. */
export type MicroClusters = {
  readonly means: Matrix;
  readonly weights: Float64Array;
  readonly groupOf: Int32Array;
};

export type MicroClusterOptions = {
  readonly stepper: LloydStepper;
  readonly count: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
};

/**
 * About `count` groups of near rows (k-means on a coreset, then every row to its nearest centroid),
 * none empty, numbered in the order of the centroids drawn. Equal rows share a group, so there may be
 * fewer. The seed and the rows' order decide every bit.
 */
export async function microClusters(options: MicroClusterOptions): Promise<MicroClusters> {
  const { stepper, count, seed, signal } = options;
  const { matrix } = stepper;
  const { columnCount } = matrix;
  const random = seededRandom(seed);
  const { rows, weights } = drawCoreset(matrix, Math.min(coresetSize, matrix.rowCount), random);
  const coreset = inlineStepper(takeMatrixRows(matrix, rows), weights);
  const start = weightedStart({ matrix: coreset.matrix, weights }, { k: count, trials: 1 }, random);
  const { centroids } = await lloyd(coreset, start, { maxIterations: iterations, signal });
  const input = { k: count, centroids, travel: new Float64Array(count), fresh: true };
  const { sums, counts } = await stepper.step(input);
  const filled = Uint32Array.from(counts.keys()).filter((group) => counts[group]! > 0);
  const numberOf = new Int32Array(count).fill(-1);
  for (const [number, group] of filled.entries()) numberOf[group] = number;
  const means = takeMatrixRows({ rowCount: count, columnCount, values: sums }, filled);
  for (let i = 0; i < means.values.length; i++) means.values[i]! /= counts[filled[Math.floor(i / columnCount)]!]!;
  return {
    means,
    weights: Float64Array.from(filled, (group) => counts[group]!),
    groupOf: stepper.labels.map((group) => numberOf[group]!),
  };
}
