import { takeMatrixRows, type Matrix } from '../matrix.ts';
import { sampleRows, seededRandom, type Random } from '../random.ts';
import { refineAll, refiner, type Candidate, type SearchControl } from './candidate.ts';
import { drawCoreset, thinCoreset, type Coreset } from './coreset.ts';
import { refinerAfterExchange } from './exchange.ts';
import { roughly } from './lloyd.ts';
import { weightedStart } from './plus-plus.ts';
import { inlineStepper, type LloydStepper } from './stepper.ts';

/** Up to this many rows, every start sees all of them and is refined on them to the end. */
export const samplingThreshold = 10_000;
const sampleSize = 4_096;
/** A coreset between the sample and all rows, drawn where it is at most half of them. */
const middleSize = 32_768;
/** A uniform sample is dealt out to this many starts in turn. */
const uniformParts = 4;
/** Starts on the coreset are cheap, and on data with a few very large customers most lead nowhere. */
const weightedPerRestart = 6;
/** Draws per centroid of each. */
const weightedTrials = 4;
/** Iterations on the coreset after which only the best starts go on. */
const trialIterations = 10;
const fewestKept = 16;
/** Of those, on the coreset. */
const sampleIterations = 60;
/** Of the starts on all rows, the best few are bettered row by row. */
const exchanged = 8;
const maxIterations = 300;

export type StartOptions = SearchControl & {
  readonly matrix: Matrix;
  readonly k: number;
  readonly seed: number;
  readonly restarts: number;
  /** k rows that all differ. */
  readonly differentRows: Uint32Array;
};

/** Candidates for the fit, best first, equal ones once; and the samples that they may be bettered on before all rows. */
export type Starts = {
  readonly candidates: readonly Candidate[];
  readonly small: LloydStepper | undefined;
  readonly middle: LloydStepper | undefined;
};

/**
 * Candidates for the fit.
 *
 * Up to 10,000 rows: `restarts` seeded k-means++ starts, half of them by ml-kmeans, each refined by exact Lloyd on
 * all rows, the best eight by exchanging single rows too. Above: half of the restarts by ml-kmeans on
 * parts of a uniform sample, half by several weighted starts each on a coreset that keeps the rare
 * large customers; all are refined and ranked on the coreset. From 65,536 rows on it is part of a
 * larger one.
 */
export async function findCandidates(options: StartOptions): Promise<Starts> {
  const { matrix, restarts, signal } = options;
  const drawing = { random: seededRandom(options.seed), plainStart: await loadPlainStart() };
  if (matrix.rowCount <= samplingThreshold) {
    const stepper = inlineStepper(matrix);
    const starts = allRowsStarts(options, drawing);
    return { candidates: await refineThenExchange(stepper, starts, options), small: undefined, middle: undefined };
  }
  const { small, middle } = drawSamples(matrix, drawing.random);
  const refine = refiner(small, { signal, tolerance: roughly });
  const trials = { refine, iterations: trialIterations };
  const tried = await refineAll(sampledStarts(small, options, drawing), trials, options);
  const kept = tried.slice(0, Math.max(fewestKept, restarts)).map(({ centroids }) => centroids);
  return { candidates: await refineAll(kept, { refine, iterations: sampleIterations }, options), small, middle };
}

/** Refines starts on all of the stepper's rows to the end, the best eight by exchanging rows too. */
export async function refineThenExchange(
  stepper: LloydStepper,
  starts: Iterable<Float64Array>,
  control: SearchControl,
): Promise<Candidate[]> {
  const refine = refiner(stepper, { signal: control.signal });
  const all = await refineAll(starts, { refine, iterations: maxIterations }, control);
  const best = all.slice(0, exchanged).map(({ centroids }) => centroids);
  return refineAll(best, { refine: refinerAfterExchange(stepper, refine), iterations: maxIterations }, control);
}

function drawSamples(matrix: Matrix, random: Random): { small: LloydStepper; middle: LloydStepper | undefined } {
  if (matrix.rowCount < 2 * middleSize) {
    return { small: weightedStepper(matrix, drawCoreset(matrix, sampleSize, random)), middle: undefined };
  }
  const middle = drawCoreset(matrix, middleSize, random);
  return {
    small: weightedStepper(matrix, thinCoreset(middle, sampleSize, random)),
    middle: weightedStepper(matrix, middle),
  };
}

function weightedStepper(matrix: Matrix, { rows, weights }: Coreset): LloydStepper {
  return inlineStepper(takeMatrixRows(matrix, rows), weights);
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
      yield weightedStart({ matrix: stepper.matrix, weights: stepper.weights! }, { k, trials: weightedTrials }, random);
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
