import { newKernel, type Kernel } from './kernel.ts';

/** The rows that one call takes at most, the rows of a block, which are even, and what they are clustered to. */
export type StepShape = {
  readonly rowCount: number;
  readonly blockRows: number;
  readonly k: number;
  readonly columnCount: number;
};

/** What a step reads and writes, in the memory of this thread's kernel. */
export type StepArrays = {
  readonly centroids: Float64Array;
  readonly travel: Float64Array;
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly labels: Int32Array;
  readonly expiry: Float32Array;
  /** Of each block k×d sums, k counts and the least expiry per cluster. */
  readonly blocks: Float64Array;
};

let kernel: Kernel | undefined;
let reserved: { readonly shape: StepShape; readonly arrays: StepArrays } | undefined;

/** The arrays for steps of a shape, until they are asked for in another one. */
export function reserveStep(shape: StepShape): StepArrays {
  if (reserved && isSame(reserved.shape, shape)) return reserved.arrays;
  const { rowCount, blockRows, k, columnCount } = shape;
  kernel ??= newKernel();
  kernel.reserveRows(rowCount, blockRows, k, columnCount);
  const { buffer } = kernel.memory;
  const arrays: StepArrays = {
    centroids: new Float64Array(buffer, kernel.centroids.value, k * columnCount),
    travel: new Float64Array(buffer, kernel.travel.value, k),
    values: new Float64Array(buffer, kernel.values.value, rowCount * columnCount),
    weights: new Float64Array(buffer, kernel.weights.value, rowCount),
    labels: new Int32Array(buffer, kernel.labels.value, rowCount),
    expiry: new Float32Array(buffer, kernel.expiry.value, rowCount),
    blocks: new Float64Array(buffer, kernel.blocks.value, (rowCount / blockRows) * k * (columnCount + 2)),
  };
  reserved = { shape, arrays };
  return arrays;
}

function isSame(a: StepShape, b: StepShape): boolean {
  return a.rowCount === b.rowCount && a.blockRows === b.blockRows && a.k === b.k && a.columnCount === b.columnCount;
}

/**
 * Labels the first `count` rows of the arrays and sums their blocks. Returns `inertia`, with that of each block added in
 * turn where the step is fresh.
 */
export function stepRows(
  { count, fresh, weighted }: { readonly count: number; readonly fresh: boolean; readonly weighted: boolean },
  inertia: number,
): number {
  return kernel!.step(count, fresh, weighted, inertia);
}
