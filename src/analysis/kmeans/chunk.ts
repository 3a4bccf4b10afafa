import { findNearest } from './find-nearest.ts';

/**
 * Rows handled together. The sums of each chunk are kept apart and added in chunk order, so the
 * result is the same to the last bit whoever computes which chunk.
 */
const chunkRows = 16_384;
/** Fewest rows of a block; see `BlockSums`. */
const fewestBlockRows = 128;
/** Rows of a block per cluster at least, so that what is kept of it stays smaller than its rows. */
const blockRowsPerCluster = 8;

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

/**
 * Labels the rows of one chunk with their nearest centroid (ties: the lowest index) and puts their
 * sums into `partial`. Rows that cannot have changed sides are not looked at: by the triangle
 * inequality a label holds until the centroids have travelled the gap between a row's nearest and
 * second-nearest centroid (Hamerly, 2010). Labels and sums are those of a fresh step, bit for bit.
 */
export function runChunk(
  memory: LloydMemory,
  input: StepInput & { readonly blocks: BlockSums },
  chunk: number,
  partial: Float64Array,
): void {
  const { k, blocks } = input;
  const { columnCount } = memory;
  const summed = k * columnCount + k;
  const perBlock = blockRows(k);
  const first = (chunk * chunkRows) / perBlock;
  const last = Math.min(Math.ceil(memory.rowCount / perBlock), first + chunkRows / perBlock);
  let inertia = 0;
  partial.fill(0);
  for (let block = first; block < last; block++) {
    inertia += runBlock(memory, input, block);
    const at = block * blockLength(k, columnCount);
    for (let i = 0; i < summed; i++) partial[i]! += blocks[at + i]!;
  }
  partial[summed] = inertia;
}

/** Brings the labels and sums of a block up to date; returns its inertia where the step is fresh. */
function runBlock(memory: LloydMemory, input: StepInput & { readonly blocks: BlockSums }, block: number): number {
  const { labels, expiry, columnCount, weights } = memory;
  const { k, blocks, travel, fresh } = input;
  const at = block * blockLength(k, columnCount);
  const limitsAt = at + k * columnCount + k;
  if (!fresh && allExceed(blocks, limitsAt, travel)) return 0;
  const first = block * blockRows(k);
  const last = Math.min(memory.rowCount, first + blockRows(k));
  let due = 0;
  for (let row = first; row < last; row++) {
    if (fresh || !(expiry[row]! > travel[labels[row]!]!)) found.rows[due++] = row;
  }
  findNearest(memory, input, found, due);
  let changed = fresh;
  let inertia = 0;
  for (let i = 0; i < due; i++) {
    const row = found.rows[i]!;
    const label = found.labels[i]!;
    const nearest = found.nearest[i]!;
    inertia += weights === null ? nearest : weights[row]! * nearest;
    if (label !== labels[row]) changed = true;
    labels[row] = label;
    expiry[row] = expiryOf(travel[label]!, Math.sqrt(nearest), Math.sqrt(found.second[i]!));
  }
  if (changed) sumBlock(memory, input, { at, first, last });
  blocks.fill(Infinity, limitsAt, limitsAt + k);
  for (let row = first; row < last; row++) {
    const limit = limitsAt + labels[row]!;
    if (expiry[row]! < blocks[limit]!) blocks[limit] = expiry[row]!;
  }
  return inertia;
}

/** The rows of a block that are looked at, and what is found of them; each thread has its own. */
const found = {
  rows: new Int32Array(chunkRows),
  labels: new Int32Array(chunkRows),
  nearest: new Float64Array(chunkRows),
  second: new Float64Array(chunkRows),
};

function allExceed(blocks: BlockSums, limitsAt: number, travel: Float64Array): boolean {
  for (let cluster = 0; cluster < travel.length; cluster++) {
    if (!(blocks[limitsAt + cluster]! > travel[cluster]!)) return false;
  }
  return true;
}

type Block = { readonly at: number; readonly first: number; readonly last: number };

function sumBlock(
  { values, weights, labels, columnCount }: LloydMemory,
  { k, blocks }: { readonly k: number; readonly blocks: BlockSums },
  { at, first, last }: Block,
): void {
  const countsAt = at + k * columnCount;
  blocks.fill(0, at, countsAt + k);
  for (let row = first; row < last; row++) {
    const label = labels[row]!;
    const weight = weights === null ? 1 : weights[row]!;
    const sumsAt = at + label * columnCount;
    const valuesAt = row * columnCount;
    for (let column = 0; column < columnCount; column++) {
      blocks[sumsAt + column]! += weight * values[valuesAt + column]!;
    }
    blocks[countsAt + label]! += weight;
  }
}

/** Rounded down by more than Float32 and the square roots can round up. */
function expiryOf(travel: number, nearest: number, second: number): number {
  return second === Infinity ? Infinity : travel + (second - nearest) - 1e-6 * (travel + second);
}
