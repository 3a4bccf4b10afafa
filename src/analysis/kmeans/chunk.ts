import { reserveStep, stepRows, type StepArrays } from './kernel/step-rows.ts';

/**
 * Rows handled together. The sums of each chunk are kept apart and added in chunk order, so the
 * result is the same to the last bit whoever computes which chunk.
 */
const chunkRows = 16_384;
/** Fewest rows of a block; see `BlockSums`. */
const fewestBlockRows = 128;
/** Rows of a block per cluster at least, so that what is kept of it stays smaller than its rows. */
const blockRowsPerCluster = 8;
/** Rows that are copied into the kernel at once, or one block where that is more; they stay in the cache. */
const pieceRows = 2_048;

/** What one Lloyd step reads and writes; every array may lie in memory shared between threads. */
export type LloydMemory = {
  readonly rowCount: number;
  readonly columnCount: number;
  /** Row-major. */
  readonly values: Float64Array;
  /** How much each row counts; null counts every row once. */
  readonly weights: Float64Array | null;
  /** Nearest centroid of each row, as of the last step. */
  readonly labels: Int32Array;
  /** A row's label holds for certain while this exceeds its cluster's `travel`. */
  readonly expiry: Float32Array;
};

/** The centroids of a step, k×d, and how far the clusters have travelled since the last fresh step. */
export type StepInput = {
  readonly k: number;
  readonly centroids: Float64Array;
  /** Per cluster: the sum over steps of its own move and the largest move of any cluster. */
  readonly travel: Float64Array;
  /** True looks at every row anew and sums the inertia. */
  readonly fresh: boolean;
};

/** The sums of one step over all rows. */
export type StepSums = {
  /** k×d sums of the members. */
  readonly sums: Float64Array;
  /** Members per cluster (their weights, where rows have weights). */
  readonly counts: Float64Array;
  /** Sum of squared distances to the centroids that the step was given; 0 unless it was fresh. */
  readonly inertia: number;
};

/**
 * What is kept of each block of rows from step to step, block after block: k×d sums, k counts, and per
 * cluster the least expiry of its rows. A block whose labels all hold is not looked at, and one in
 * which none has changed is not summed anew.
 */
export type BlockSums = Float64Array;

/** Length of a chunk's partial result: k×d sums, k counts, and the inertia (of a fresh step only). */
export function partialLength(k: number, columnCount: number): number {
  return k * columnCount + k + 1;
}

export function chunkCount(rowCount: number): number {
  return Math.ceil(rowCount / chunkRows);
}

/** Length of the `BlockSums` of so many rows. */
export function blockSumsLength(rowCount: number, k: number, columnCount: number): number {
  return Math.ceil(rowCount / blockRows(k)) * blockLength(k, columnCount);
}

function blockRows(k: number): number {
  return Math.min(chunkRows, Math.max(fewestBlockRows, 2 ** Math.ceil(Math.log2(k * blockRowsPerCluster))));
}

function blockLength(k: number, columnCount: number): number {
  return k * (columnCount + 2);
}

/** One chunk's work in a step. */
type Task = {
  readonly memory: LloydMemory;
  readonly input: StepInput & { readonly blocks: BlockSums };
  readonly arrays: StepArrays;
};

/**
 * Labels the rows of one chunk with their nearest centroid (squared Euclidean distance; ties: the lowest index; a row
 * with NaN: 0) and puts their sums into `partial`. Rows that cannot have changed sides are not looked at: by the triangle
 * inequality a label holds until the centroids have travelled the gap between a row's nearest and
 * second-nearest centroid (Hamerly, 2010). Labels and sums are those of a fresh step, bit for bit.
 */
export function runChunk(memory: LloydMemory, input: Task['input'], chunk: number, partial: Float64Array): void {
  const { k, blocks, centroids, travel, fresh } = input;
  const { rowCount, columnCount } = memory;
  const perBlock = blockRows(k);
  const perPiece = Math.max(1, pieceRows / perBlock);
  const arrays = reserveStep({ rowCount: perPiece * perBlock, blockRows: perBlock, k, columnCount });
  arrays.centroids.set(centroids);
  arrays.travel.set(travel);
  const length = blockLength(k, columnCount);
  const summed = k * columnCount + k;
  const isDue = (block: number): boolean => fresh || !allExceed(blocks, block * length + summed, travel);
  const first = (chunk * chunkRows) / perBlock;
  const last = Math.min(Math.ceil(rowCount / perBlock), first + chunkRows / perBlock);
  let inertia = 0;
  for (let block = first; block < last; block++) {
    if (!isDue(block)) continue;
    const from = block;
    while (block + 1 < Math.min(last, from + perPiece) && isDue(block + 1)) block++;
    inertia = runPiece({ memory, input, arrays }, { from, to: block + 1 }, inertia);
  }
  partial.fill(0);
  for (let at = first * length; at < last * length; at += length) {
    for (let i = 0; i < summed; i++) partial[i]! += blocks[at + i]!;
  }
  partial[summed] = inertia;
}

function allExceed(blocks: BlockSums, limitsAt: number, travel: Float64Array): boolean {
  for (let cluster = 0; cluster < travel.length; cluster++) {
    if (!(blocks[limitsAt + cluster]! > travel[cluster]!)) return false;
  }
  return true;
}

/** Brings the labels and sums of some blocks up to date; returns `inertia` with theirs added. */
function runPiece(
  { memory, input, arrays }: Task,
  { from, to }: { readonly from: number; readonly to: number },
  inertia: number,
): number {
  const { rowCount, columnCount, values, weights, labels, expiry } = memory;
  const { k, blocks, fresh } = input;
  const first = from * blockRows(k);
  const last = Math.min(rowCount, to * blockRows(k));
  const count = last - first;
  arrays.values.set(values.subarray(first * columnCount, last * columnCount));
  if (weights) arrays.weights.set(weights.subarray(first, last));
  if (!fresh) {
    arrays.labels.set(labels.subarray(first, last));
    arrays.expiry.set(expiry.subarray(first, last));
  }
  const added = stepRows({ count, fresh, weighted: weights !== null }, inertia);
  labels.set(arrays.labels.subarray(0, count), first);
  expiry.set(arrays.expiry.subarray(0, count), first);
  const length = blockLength(k, columnCount);
  blocks.set(arrays.blocks.subarray(0, (to - from) * length), from * length);
  return added;
}
