import type { Matrix } from '../matrix.ts';
import {
  blockSumsLength,
  chunkCount,
  partialLength,
  runChunk,
  type LloydMemory,
  type StepInput,
  type StepSums,
} from './chunk.ts';
import { refillEmptyClusters, type SteppedRows } from './empty-clusters.ts';

/** Runs Lloyd steps over customers, wherever their rows lie. */
export type CustomerStepper = {
  readonly columnCount: number;
  step(input: StepInput): Promise<StepSums>;
  /**
   * Gives each cluster that the last step left empty the row that lies farthest from its own centroid,
   * as `refillEmptyClusters` does; changes `step` in place and tells the rows moved.
   */
  refill(centroids: Float64Array, step: StepSums): Promise<readonly number[]>;
};

/** Runs Lloyd steps over one matrix. How the chunks are spread over threads does not show in the result. */
export type LloydStepper = CustomerStepper & SteppedRows;

/** A stepper over a matrix in memory, from how it takes a step. */
export function matrixStepper(rows: SteppedRows, step: LloydStepper['step']): LloydStepper {
  return {
    ...rows,
    columnCount: rows.matrix.columnCount,
    step,
    refill: (centroids, sums) => Promise.resolve(refillEmptyClusters(rows, centroids, sums)),
  };
}

/** A stepper that works in the calling thread. Rows count once each, or by `weights`. */
export function inlineStepper(matrix: Matrix, weights: Float64Array | null = null): LloydStepper {
  const memory: LloydMemory = {
    ...matrix,
    weights,
    labels: new Int32Array(matrix.rowCount),
    expiry: new Float32Array(matrix.rowCount),
  };
  let blocks = new Float64Array();
  return matrixStepper({ matrix, weights, labels: memory.labels }, (input) => {
    const length = partialLength(input.k, matrix.columnCount);
    const blocksLength = blockSumsLength(matrix.rowCount, input.k, matrix.columnCount);
    if (blocks.length !== blocksLength) blocks = new Float64Array(blocksLength);
    const chunks = chunkCount(matrix.rowCount);
    const partials = new Float64Array(chunks * length);
    for (let chunk = 0; chunk < chunks; chunk++) {
      runChunk(memory, { ...input, blocks }, chunk, partials.subarray(chunk * length, (chunk + 1) * length));
    }
    return Promise.resolve(addPartials(partials, input.k, matrix.columnCount));
  });
}

/** Adds the chunks' partial results in chunk order. */
export function addPartials(partials: Float64Array, k: number, columnCount: number): StepSums {
  const length = partialLength(k, columnCount);
  const total = new Float64Array(length);
  for (let start = 0; start < partials.length; start += length) {
    for (let i = 0; i < length; i++) total[i]! += partials[start + i]!;
  }
  const countsAt = k * columnCount;
  return {
    sums: total.slice(0, countsAt),
    counts: total.slice(countsAt, countsAt + k),
    inertia: total[countsAt + k]!,
  };
}
