import type { Matrix } from '../matrix.ts';
import { refuse, requireSplittable } from './check.ts';
import { chooseStart } from './choose-start.ts';
import type { KmeansEvent } from './empty-clusters.ts';
import { lloyd, type LloydOptions, type LloydRun } from './lloyd.ts';
import { lexicographicOrder } from './order.ts';
import { inlineStepper, type CustomerStepper, type LloydStepper } from './stepper.ts';

const mostIterations = 300;

export type KmeansOptions = {
  readonly matrix: Matrix;
  readonly k: number;
  readonly seed: number;
  readonly restarts: number;
  /** k×d, in the matrix's scale: a warm start, without sampling or restarts. */
  readonly initialCentroids?: Float64Array;
  /** Runs the steps over all rows; by default in this thread. */
  readonly stepper?: LloydStepper;
  /** The largest move of a centroid that counts as standing still; 1e-6. */
  readonly tolerance?: number;
  readonly signal?: AbortSignal;
  /** Awaited between starts, so that a single thread can see an abort. */
  readonly pause?: () => Promise<void>;
};

/** Clusters in which every row belongs to its nearest centroid. */
export type SettledClusters = {
  /** k×d, clusters in lexicographic order of their centroids. */
  readonly centroids: Float64Array;
  readonly sizes: number[];
  /** Sum of squared distances of the rows to their centroids. */
  readonly inertia: number;
  /** Of the winning run over all rows. */
  readonly iterations: number;
  readonly converged: boolean;
  readonly events: KmeansEvent[];
};

type SettleOptions = Partial<LloydOptions>;

export type KmeansFit = SettledClusters & { readonly labels: Int32Array };

/**
 * k-means with squared Euclidean distance (Lloyd, 1982; starts by k-means++, Arthur and Vassilvitskii,
 * 2007): exact Lloyd over all rows from the best of `restarts` seeded starts, or from
 * `initialCentroids`. The rows' order and the seed decide every bit of the result; machine and number
 * of threads do not. Ties go to the lowest cluster. Labels belong to the returned centroids, which
 * would move by at most `tolerance`, so a warm start from a result on the same rows returns it unchanged.
 *
 * Throws E_DEGENERATE_FIT for NaN, infinite or overflowing values and for fewer different rows than
 * k, and the signal's reason when aborted.
 */
export async function fitKmeans(options: KmeansOptions): Promise<KmeansFit> {
  const { matrix, k, initialCentroids, signal } = options;
  const differentRows = requireSplittable(matrix, k);
  if (initialCentroids && !isStart(initialCentroids, k * matrix.columnCount)) {
    throw new RangeError(`a warm start needs ${k} finite centroids of ${matrix.columnCount} features`);
  }
  const stepper = options.stepper ?? inlineStepper(matrix);
  const start = initialCentroids ?? (await chooseStart(stepper, { ...options, differentRows }));
  const settled = await settleClusters(stepper, start, { signal, tolerance: options.tolerance });
  return { ...settled, labels: stepper.labels.slice() };
}

/**
 * The centroids that `fitKmeans` would start from where these rows were all customers. Throws
 * E_DEGENERATE_FIT as it does.
 */
export async function startOf(options: Omit<KmeansOptions, 'initialCentroids' | 'stepper'>): Promise<Float64Array> {
  const differentRows = requireSplittable(options.matrix, options.k);
  return chooseStart(inlineStepper(options.matrix), { ...options, differentRows });
}

/** Exact Lloyd from `start` (k×d) over the stepper's rows. Throws E_DEGENERATE_FIT where a cluster stays empty. */
export async function settleClusters(
  stepper: CustomerStepper,
  start: Float64Array,
  options: SettleOptions = {},
): Promise<SettledClusters> {
  const run = await settle(stepper, start, options);
  const k = start.length / stepper.columnCount;
  const { centroids } = run;
  const { counts, inertia } = await stepper.step({ k, centroids, travel: new Float64Array(k), fresh: true });
  if (counts.includes(0) || !Number.isFinite(inertia)) {
    throw refuse(
      `No split into ${k} clusters keeps every cluster filled.`,
      'Lower segments.k, or look at the features.',
    );
  }
  return { ...run, events: [...run.events], sizes: [...counts], inertia };
}

function isStart(centroids: Float64Array, length: number): boolean {
  return centroids.length === length && centroids.every((value) => Number.isFinite(value));
}

/** Runs until the centroids stand still in lexicographic order: with another order, ties would fall another way. */
async function settle(stepper: CustomerStepper, start: Float64Array, options: SettleOptions): Promise<LloydRun> {
  const { columnCount } = stepper;
  const { maxIterations = mostIterations } = options;
  const events: KmeansEvent[] = [];
  let iterations = 0;
  let centroids = sortCentroids(start, columnCount);
  for (;;) {
    const run = await lloyd(stepper, centroids, { ...options, maxIterations: maxIterations - iterations });
    iterations += run.iterations;
    events.push(...run.events);
    centroids = sortCentroids(run.centroids, columnCount);
    const inOrder = centroids.every((value, i) => value === run.centroids[i]);
    if (inOrder || iterations >= maxIterations) return { ...run, centroids, iterations, events };
  }
}

function sortCentroids(centroids: Float64Array, columnCount: number): Float64Array {
  const order = lexicographicOrder(centroids, centroids.length / columnCount);
  return Float64Array.from(
    order.flatMap((cluster) => [...centroids.subarray(cluster * columnCount, (cluster + 1) * columnCount)]),
  );
}
