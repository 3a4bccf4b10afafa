import { takeMatrixRows, type Matrix } from '../matrix.ts';
import { sampleRows, seededRandom, type Random } from '../random.ts';
import { drawCoreset } from './coreset.ts';
import { exchangeRows } from './exchange.ts';
import { lloyd } from './lloyd.ts';
import { nearestCentroids } from './nearest.ts';
import { weightedStart } from './plus-plus.ts';
import { inlineStepper, type LloydStepper } from './stepper.ts';

/** Up to this many rows, every start sees all of them and is refined on them to the end. */
export const samplingThreshold = 10_000;
const sampleSize = 4_000;
/** A uniform sample is dealt out to this many starts in turn. */
const uniformParts = 2;
/** Starts on the coreset are cheap, and on data with a few very large customers most lead nowhere. */
const weightedPerRestart = 6;
/** Iterations on the coreset after which only the best starts go on. */
const trialIterations = 10;
const fewestKept = 16;
/** Of the starts on all rows, the best few are bettered row by row. */
const exchanged = 8;
const sameOptimum = 1e-5;
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

/** Centroids refined on all rows or on a sample, and their inertia there. */
export type Candidate = { readonly centroids: Float64Array; readonly inertia: number };

/**
 * Candidates for the fit, best first, equal ones once.
 *
 * Up to 10,000 rows: `restarts` seeded k-means++ starts, half of them by ml-kmeans, each refined by exact Lloyd on
 * all rows, the best eight by exchanging single rows too. Above: half of the restarts by ml-kmeans on parts of a uniform sample, half by several
 * weighted starts each on a coreset that keeps the rare large customers; all are refined and ranked
 * on the coreset.
 */
export async function findCandidates(options: StartOptions): Promise<Candidate[]> {
  const { matrix, restarts, signal, pause } = options;
  const random = seededRandom(options.seed);
  const sampled = matrix.rowCount > samplingThreshold;
  const stepper = sampled ? coresetStepper(matrix, random) : inlineStepper(matrix);
  const plainStart = await loadPlainStart();
  const starts = sampled
    ? sampledStarts(stepper, options, { random, plainStart })
    : allRowsStarts(options, { random, plainStart });
  const refine = refiner(stepper, signal);
  let candidates: Candidate[] = [];
  for (const start of starts) {
    signal?.throwIfAborted();
    candidates.push(await refine(start, sampled ? trialIterations : maxIterations));
    await pause?.();
  }
  if (!sampled) {
    const best = ranked(candidates).slice(0, exchanged);
    candidates = [];
    for (const { centroids } of best) candidates.push(await refine(await bettered(stepper, centroids), maxIterations));
  } else {
    const kept = ranked(candidates).slice(0, Math.max(fewestKept, restarts));
    candidates = [];
    for (const { centroids } of kept) candidates.push(await refine(centroids, maxIterations));
  }
  return ranked(candidates);
}

async function bettered(stepper: LloydStepper, centroids: Float64Array): Promise<Float64Array> {
  const { labels } = await nearestCentroids(stepper.matrix, centroids, stepper);
  return exchangeRows(stepper.matrix, labels, centroids);
}

type PlainStart = (data: number[][], k: number, random: Random) => Float64Array;

type Drawing = { readonly random: Random; readonly plainStart: PlainStart };

/** Starts of two kinds in turn: they fail on different data, and the weighted ones take a fraction of the time. */
function* allRowsStarts(
  { matrix, k, restarts }: StartOptions,
  { random, plainStart }: Drawing,
): Generator<Float64Array> {
  const data = rowsAsArrays(
    matrix,
    Uint32Array.from({ length: matrix.rowCount }, (_, row) => row),
  );
  const weights = new Float64Array(matrix.rowCount).fill(1);
  for (let start = 0; start < restarts; start++)
    yield start % 2 === 1 ? plainStart(data, k, random) : weightedStart({ matrix, weights }, { k }, random);
}

function* sampledStarts(
  stepper: LloydStepper,
  options: StartOptions,
  { random, plainStart }: Drawing,
): Generator<Float64Array> {
  const { matrix, k, restarts } = options;
  const uniform = sampleRows(matrix.rowCount, sampleSize, random);
  const parts = Array.from({ length: uniformParts }, (_, part) =>
    withDifferentRows(
      matrix,
      uniform.filter((_row, i) => i % uniformParts === part),
      options,
    ),
  );
  for (let start = 0; start < restarts; start++) {
    if (start % 2 === 1) {
      yield plainStart(parts[((start - 1) / 2) % uniformParts]!, k, random);
      continue;
    }
    for (let i = 0; i < weightedPerRestart; i++)
      yield weightedStart({ matrix: stepper.matrix, weights: stepper.weights! }, { k }, random);
  }
}

/**
 * One iteration: what is wanted of ml-kmeans is its k-means++; Lloyd goes on from there. Loaded when it is needed,
 * because a night that goes on from published centroids needs none of its hundreds of files.
 */
async function loadPlainStart(): Promise<PlainStart> {
  const { kmeans } = await import('ml-kmeans');
  return (data, k, random) => {
    const { centroids } = kmeans(data, k, { seed: random.integer(0x7fffffff), maxIterations: 1 });
    return Float64Array.from(centroids.flat());
  };
}

function coresetStepper(matrix: Matrix, random: Random): LloydStepper {
  const { rows, weights } = drawCoreset(matrix, sampleSize, random);
  return inlineStepper(takeMatrixRows(matrix, rows), weights);
}

function refiner(
  stepper: LloydStepper,
  signal: AbortSignal | undefined,
): (start: Float64Array, iterations: number) => Promise<Candidate> {
  const squares = sumOfSquares(stepper);
  return async (start, iterations) => {
    const { centroids, objective } = await lloyd(stepper, start, { maxIterations: iterations, signal });
    return { centroids, inertia: Math.max(0, objective + squares) };
  };
}

/** Best first; runs into one optimum end with nearly the same inertia and count as one. */
function ranked(candidates: readonly Candidate[]): Candidate[] {
  const different: Candidate[] = [];
  for (const candidate of candidates.toSorted((a, b) => a.inertia - b.inertia)) {
    const last = different.at(-1);
    if (!last || candidate.inertia - last.inertia > sameOptimum * candidate.inertia) different.push(candidate);
  }
  return different;
}

/** The rows as arrays, which ml-kmeans wants; it needs at least k different ones among them. */
function withDifferentRows(matrix: Matrix, rows: Uint32Array, { k, differentRows }: StartOptions): number[][] {
  const data = rowsAsArrays(matrix, rows);
  const kinds = new Set<string>();
  for (let i = 0; i < data.length && kinds.size < k; i++) kinds.add(data[i]!.join());
  return kinds.size < k ? [...data, ...rowsAsArrays(matrix, differentRows)] : data;
}

function rowsAsArrays({ columnCount, values }: Matrix, rows: Uint32Array): number[][] {
  return Array.from(rows, (row) => [...values.subarray(row * columnCount, (row + 1) * columnCount)]);
}

/** What an objective of `lloyd` over these rows lacks to be an inertia. */
export function sumOfSquares({ matrix, weights }: LloydStepper): number {
  let total = 0;
  for (let i = 0; i < matrix.values.length; i++) {
    total += (weights?.[Math.floor(i / matrix.columnCount)] ?? 1) * matrix.values[i]! ** 2;
  }
  return total;
}
