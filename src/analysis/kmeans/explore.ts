import { refiner, type Candidate } from './candidate.ts';
import { roughly } from './lloyd.ts';
import type { LloydStepper } from './stepper.ts';

/** How far a trial takes a centroid: these shares of its distance from the mean of all rows. */
const reaches = [0.7, 1.4];
/** After so many iterations a trial that is this much worse than the best is given up. */
const trialIterations = 8;
const promising = 1.001;
/** A trial that goes on takes so many more. */
const furtherIterations = 24;
/** Tried in all, better ones included. */
const mostTrials = 24;
/** A gain below this share is none. */
const smallestGain = 1e-6;

/**
 * Betters a refined candidate by trials: each centroid in turn is taken towards the mean of all rows,
 * then away from it, and Lloyd's iteration goes on from there; whatever is better is gone on from, until
 * no push helps. Where few rows are very large, many splits of them stand still under Lloyd's iteration,
 * and only such a push leads from one to a better one.
 */
export async function explore(
  stepper: LloydStepper,
  candidate: Candidate,
  signal: AbortSignal | undefined,
): Promise<Candidate> {
  const refine = refiner(stepper, { signal, tolerance: roughly });
  const mean = meanOf(stepper);
  const pushes = (candidate.centroids.length / stepper.columnCount) * reaches.length;
  let best = candidate;
  for (let trial = 0, failed = 0; trial < mostTrials && failed < pushes; trial++, failed++) {
    const push = trial % pushes;
    const cluster = Math.floor(push / reaches.length);
    const start = pushed(best.centroids, cluster, { mean, reach: reaches[push % reaches.length]! });
    const tried = await refine(start, trialIterations);
    if (tried.inertia > best.inertia * promising) continue;
    const refined = await refine(tried.centroids, furtherIterations);
    if (refined.inertia >= best.inertia * (1 - smallestGain)) continue;
    best = refined;
    failed = 0;
  }
  return best;
}

function pushed(
  centroids: Float64Array,
  cluster: number,
  { mean, reach }: { readonly mean: Float64Array; readonly reach: number },
): Float64Array {
  const to = centroids.slice();
  for (const [column, middle] of mean.entries()) {
    const at = cluster * mean.length + column;
    to[at] = middle + reach * (centroids[at]! - middle);
  }
  return to;
}

function meanOf({ matrix, weights }: LloydStepper): Float64Array {
  const { rowCount, columnCount, values } = matrix;
  const sums = new Float64Array(columnCount);
  let total = 0;
  for (let row = 0; row < rowCount; row++) {
    const weight = weights === null ? 1 : weights[row]!;
    total += weight;
    for (let column = 0; column < columnCount; column++) sums[column]! += weight * values[row * columnCount + column]!;
  }
  return sums.map((sum) => sum / total);
}
