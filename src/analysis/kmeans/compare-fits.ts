import { seededRandom } from '../random.ts';
import { refineAll, refiner, type Candidate } from './candidate.ts';
import { cellsOf } from './cells.ts';
import { requireDifferent, requireMeasurable } from './check.ts';
import { refillEmptyClusters } from './empty-clusters.ts';
import { explore } from './explore.ts';
import { filterStep } from './filter.ts';
import { fitKmeans, settleClusters, type KmeansFit, type KmeansOptions } from './fit.ts';
import { buildTree, type KdTree } from './kd-tree.ts';
import { forFigures, roughly } from './lloyd.ts';
import { nearestCentroids } from './nearest.ts';
import { weightedStart } from './plus-plus.ts';
import { samplingThreshold } from './starts.ts';
import { inlineStepper, type CustomerStepper, type LloydStepper } from './stepper.ts';

/** With more features a tree's boxes hold too much emptiness, and its passes take longer than plain ones. */
const mostColumns = 5;
/** Starts are drawn and refined on so many cells, and the best few of them on more. */
const startCells = 2_048;
const middleCells = 16_384;
/** Starts on cells are cheap. */
const startsPerRestart = 6;
const trialTrials = 4;
const trialIterations = 5;
const kept = 8;
const keptIterations = 60;
const finalists = 3;
const finalIterations = 200;
/** Of the best, over all rows. */
const maxIterations = 20;

export type ComparisonOptions = Omit<KmeansOptions, 'k' | 'initialCentroids' | 'stepper' | 'tolerance'> & {
  readonly stepper: LloydStepper;
};

/**
 * Prepares fits of one matrix for several k, of which only the figures are compared: they stop when no centroid moves by
 * more than 1e-3. Above 10,000 rows of at most five features one tree of the rows serves them all: its
 * cells stand for the rows at the starts, and the best goes on over all rows for at most 20 iterations. The seed decides
 * every bit of the result; the number of threads does not. Throws as `fitKmeans` does.
 */
export function compareFits(options: ComparisonOptions): (k: number) => Promise<KmeansFit> {
  const { matrix, stepper } = options;
  if (matrix.columnCount > mostColumns || matrix.rowCount <= samplingThreshold) {
    return (k) => fitKmeans({ ...options, k, tolerance: forFigures });
  }
  let prepared: Prepared | undefined;
  return async (k) => {
    if (!prepared) requireMeasurable(matrix);
    requireDifferent(matrix, k);
    prepared ??= prepare(options);
    const start = await bestStart(prepared, k, options);
    const { signal } = options;
    const settled = await settleClusters(prepared.rows, start, { signal, tolerance: forFigures, maxIterations });
    return { ...settled, ...(await nearestCentroids(matrix, settled.centroids, stepper)) };
  };
}

/** The rows at three resolutions. */
type Prepared = { readonly small: LloydStepper; readonly middle: LloydStepper; readonly rows: CustomerStepper };

function prepare({ matrix, pause }: ComparisonOptions): Prepared {
  const tree = buildTree(matrix);
  return {
    small: cellStepper(tree, startCells),
    middle: cellStepper(tree, middleCells),
    rows: {
      columnCount: matrix.columnCount,
      async step({ centroids }) {
        await pause?.();
        return filterStep(tree, centroids);
      },
      async refill(centroids, step) {
        const { labels } = await nearestCentroids(matrix, centroids);
        return refillEmptyClusters({ matrix, labels, weights: null }, centroids, step);
      },
    },
  };
}

function cellStepper(tree: KdTree, size: number): LloydStepper {
  const { matrix, weights } = cellsOf(tree, size);
  return inlineStepper(matrix, weights);
}

/** The best of the starts on the small cells, bettered there by trials, and with those close behind on the middle ones. */
async function bestStart(
  { small, middle }: Prepared,
  k: number,
  { seed, restarts, signal, pause }: ComparisonOptions,
): Promise<Float64Array> {
  const control = { signal, pause };
  const random = seededRandom(seed);
  const points = { matrix: small.matrix, weights: small.weights! };
  const drawn = Array.from({ length: startsPerRestart * restarts }, () =>
    weightedStart(points, { k, trials: trialTrials }, random),
  );
  const onSmall = refiner(small, { signal, tolerance: roughly });
  const tried = await refineAll(drawn, { refine: onSmall, iterations: trialIterations }, control);
  const best = await refineAll(
    tried.slice(0, kept).map(centroidsOf),
    { refine: onSmall, iterations: keptIterations },
    control,
  );
  best[0] = await explore({ sample: small, stepper: small }, best[0]!, signal);
  const last = await refineAll(
    best.slice(0, finalists).map(centroidsOf),
    { refine: refiner(middle, { signal, tolerance: roughly }), iterations: finalIterations },
    control,
  );
  return last[0]!.centroids;
}

function centroidsOf({ centroids }: Candidate): Float64Array {
  return centroids;
}
