import type { KmeansEvent } from './empty-clusters.ts';
import type { StepSums } from './chunk.ts';
import type { CustomerStepper } from './stepper.ts';

/** The largest move of a centroid, in scaled units, that counts as standing still. */
const standstill = 1e-6;
/** The same where centroids are only compared, or are refined further elsewhere. */
export const roughly = 1e-4;
/** The same for fits of which only the figures are looked at; scikit-learn stops at about 1e-2. */
export const forFigures = 1e-3;

export type LloydRun = {
  /** k×d. */
  readonly centroids: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
  /**
   * Inertia of the last step's members about their own means, less the matrix's sum of squares:
   * comparable between runs over the same rows.
   */
  readonly objective: number;
  readonly events: readonly KmeansEvent[];
};

export type LloydOptions = {
  readonly maxIterations: number;
  /** The largest move that counts as standing still; 1e-6. */
  readonly tolerance?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Lloyd's iteration from `start` (k×d) until no centroid would move by more than `tolerance`, or
 * `maxIterations`. The centroids returned are those that the last labels were taken against and not
 * the means after them, so a run started from its own result returns it unchanged. An empty cluster
 * is moved to the row farthest from its centroid.
 */
export async function lloyd(stepper: CustomerStepper, start: Float64Array, options: LloydOptions): Promise<LloydRun> {
  const { columnCount } = stepper;
  const { tolerance = standstill } = options;
  const k = start.length / columnCount;
  const travel = new Float64Array(k);
  const events: KmeansEvent[] = [];
  let centroids: Float64Array = start.slice();
  let objective = Infinity;
  for (let iteration = 1; iteration <= options.maxIterations; iteration++) {
    options.signal?.throwIfAborted();
    const sums = await stepper.step({ k, centroids, travel, fresh: iteration === 1 });
    objective = objectiveOf(sums, columnCount);
    const moved = sums.counts.includes(0) ? await stepper.refill(centroids, sums) : [];
    for (const row of moved) events.push({ kind: 'empty_cluster_moved', iteration, row });
    const next = meansOf(sums, centroids, columnCount);
    const farthest = addTravel(travel, centroids, next, columnCount);
    if (farthest <= tolerance && moved.length === 0) {
      return { centroids, iterations: iteration, converged: true, objective, events };
    }
    centroids = next;
  }
  return { centroids, iterations: options.maxIterations, converged: false, objective, events };
}

function objectiveOf({ sums, counts }: StepSums, columnCount: number): number {
  let explained = 0;
  for (let i = 0; i < sums.length; i++) {
    const count = counts[Math.floor(i / columnCount)]!;
    if (count > 0) explained += (sums[i]! / count) * sums[i]!;
  }
  return -explained;
}

/** An empty cluster that could not be refilled keeps its place. */
function meansOf({ sums, counts }: StepSums, centroids: Float64Array, columnCount: number): Float64Array {
  return sums.map((sum, i) => {
    const count = counts[Math.floor(i / columnCount)]!;
    return count > 0 ? sum / count : centroids[i]!;
  });
}

/** Adds to each cluster's travel its own move and the largest of all; returns the largest. */
function addTravel(travel: Float64Array, from: Float64Array, to: Float64Array, columnCount: number): number {
  const moves = travel.map((_, cluster) => {
    let square = 0;
    for (let i = cluster * columnCount; i < (cluster + 1) * columnCount; i++) square += (to[i]! - from[i]!) ** 2;
    return Math.sqrt(square);
  });
  const farthest = moves.reduce((largest, move) => Math.max(largest, move), 0);
  for (const [cluster, move] of moves.entries()) travel[cluster]! += move + farthest;
  return farthest;
}
