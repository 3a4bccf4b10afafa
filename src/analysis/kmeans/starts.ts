import { kmeans } from 'ml-kmeans';
import { takeMatrixRows, type Matrix } from '../matrix.ts';
import { sampleRows, seededRandom, type Random } from '../random.ts';
import { drawCoreset } from './coreset.ts';
import { lloyd, type LloydRun } from './lloyd.ts';
import { inlineStepper, type LloydStepper } from './stepper.ts';

/** Up to this many rows, every start sees and is refined on all of them; above, on samples. */
const samplingThreshold = 10_000;
const sampleSize = 10_000;
/** Rows that one k-means++ start draws from when sampling; each start takes another part of a sample. */
const rowsPerStart = 2_500;
const maxIterations = 300;

export type StartOptions = {
  readonly matrix: Matrix;
  readonly k: number;
  readonly seed: number;
  readonly restarts: number;
  /** k rows that all differ. */
  readonly differentRows: Uint32Array;
  readonly signal?: AbortSignal | undefined;
  readonly pause?: (() => Promise<void>) | undefined;
};

/** Starting centroids refined on a sample, best first. */
export type Candidate = { readonly centroids: Float64Array; readonly inertia: number };

/**
 * Candidates for the fit: `restarts` seeded k-means++ starts by ml-kmeans, each refined by exact
 * Lloyd on all rows (up to 10,000) or on a weighted coreset, ranked by inertia there; equal ones once.
 * When sampling, starts take turns between a uniform sample and one that favours rows far from the mean.
 */
export async function findCandidates(options: StartOptions): Promise<Candidate[]> {
  const { matrix, k, restarts, signal, pause } = options;
  const random = seededRandom(options.seed);
  const { stepper, pools } = prepareSamples(matrix, random);
  const squares = sumOfSquares(stepper);
  const candidates: Candidate[] = [];
  for (let start = 0; start < restarts; start++) {
    signal?.throwIfAborted();
    const pool = pools[start % pools.length]!;
    const turn = Math.floor(start / pools.length);
    const data = startingRows(matrix, partOf(pool, turn), options);
    // One iteration: what is wanted of ml-kmeans is its k-means++; Lloyd below goes on from there.
    const { centroids } = kmeans(data, k, { seed: random.integer(0x7fffffff), maxIterations: 1 });
    const run: LloydRun = await lloyd(stepper, Float64Array.from(centroids.flat()), { maxIterations, signal });
    candidates.push({ centroids: run.centroids, inertia: Math.max(0, run.objective + squares) });
    await pause?.();
  }
  return candidates.sort((a, b) => a.inertia - b.inertia).filter(isNew);
}

/** All rows as one pool, or two sampled pools; the stepper refines on all rows or on the coreset. */
function prepareSamples(matrix: Matrix, random: Random): { stepper: LloydStepper; pools: Uint32Array[] } {
  if (matrix.rowCount <= samplingThreshold) {
    return { stepper: inlineStepper(matrix), pools: [Uint32Array.from({ length: matrix.rowCount }, (_, row) => row)] };
  }
  const coreset = drawCoreset(matrix, sampleSize, random);
  const uniform = sampleRows(matrix.rowCount, sampleSize, random);
  return {
    stepper: inlineStepper(takeMatrixRows(matrix, coreset.rows), coreset.weights),
    pools: [coreset.rows, uniform],
  };
}

/** Every n-th row of the pool, from another offset each turn; a pool of all rows is used whole. */
function partOf(pool: Uint32Array, turn: number): Uint32Array {
  const parts = pool.length < sampleSize ? 1 : Math.max(1, Math.floor(pool.length / rowsPerStart));
  return parts === 1 ? pool : pool.filter((_, i) => i % parts === turn % parts);
}

/** The rows as arrays for ml-kmeans, which needs at least k different ones among them. */
function startingRows(matrix: Matrix, rows: Uint32Array, { k, differentRows }: StartOptions): number[][] {
  const data = rowsAsArrays(matrix, rows);
  const kinds = new Set<string>();
  for (let i = 0; i < data.length && kinds.size < k; i++) kinds.add(data[i]!.join());
  return kinds.size < k ? [...data, ...rowsAsArrays(matrix, differentRows)] : data;
}

function rowsAsArrays({ columnCount, values }: Matrix, rows: Uint32Array): number[][] {
  return Array.from(rows, (row) => [...values.subarray(row * columnCount, (row + 1) * columnCount)]);
}

function sumOfSquares({ matrix, weights }: LloydStepper): number {
  let total = 0;
  for (let i = 0; i < matrix.values.length; i++) {
    total += (weights?.[Math.floor(i / matrix.columnCount)] ?? 1) * matrix.values[i]! ** 2;
  }
  return total;
}

/** Whether no better candidate is the same optimum; runs into one optimum end with nearly the same inertia. */
function isNew(candidate: Candidate, index: number, ranked: readonly Candidate[]): boolean {
  const better = ranked[index - 1];
  return !better || candidate.inertia - better.inertia > 1e-7 * candidate.inertia;
}
