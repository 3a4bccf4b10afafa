import { refiner, type Candidate } from './candidate.ts';
import { roughly } from './lloyd.ts';
import type { LloydStepper } from './stepper.ts';

/** How far a trial takes a centroid: these shares of its distance from the mean of all rows. */
const reaches = [0.7, 1.4];
/** After so many iterations on the sample a trial that is this much worse than the best there is given up. */
const trialIterations = 8;
const promising = 1.01;
/** So is one whose centroids have come back this much of their way. */
const cameBack = 0.75;
/** Those that go on take so many. */
const furtherIterations = 32;
/** Tried in all, better ones included. */
const mostTrials = 24;
/** A gain below this share is none. */
const smallestGain = 1e-6;

/**
 * Betters a refined candidate by trials: each centroid in turn is taken towards the mean of all rows,
 * then away from it, and Lloyd's iteration goes on from there; whatever is better is gone on from, until
 * no push helps. Where few rows are very large, many splits of them stand still under Lloyd's iteration,
 * and only such a push leads from one to a better one. On most data all centroids come back, which a
 * few iterations on a sample tell.
 */
export async function explore(
  { sample, stepper }: { readonly sample: LloydStepper; readonly stepper: LloydStepper },
  candidate: Candidate,
  signal: AbortSignal | undefined,
): Promise<Candidate> {
  const refine = refiner(stepper, { signal, tolerance: roughly });
  const attempt = refiner(sample, { signal, tolerance: roughly });
  const mean = meanOf(stepper);
  const pushes = (candidate.centroids.length / stepper.columnCount) * reaches.length;
  let best = candidate;
  let home = await attempt(best.centroids, trialIterations);
  for (let trial = 0, failed = 0; trial < mostTrials && failed < pushes; trial++, failed++) {
    const push = trial % pushes;
    const cluster = Math.floor(push / reaches.length);
    const start = pushed(best.centroids, cluster, { mean, reach: reaches[push % reaches.length]! });
    const tried = await attempt(start, trialIterations);
    if (tried.inertia > home.inertia * promising) continue;
    if (distance(tried, home) <= (1 - cameBack) * distance({ centroids: start }, home)) continue;
    const refined = await refine(tried.centroids, furtherIterations);
    if (refined.inertia >= best.inertia * (1 - smallestGain)) continue;
    best = refined;
    home = await attempt(best.centroids, trialIterations);
    failed = 0;
  }
  return best;
}

type Placed = Pick<Candidate, 'centroids'>;

function distance({ centroids: left }: Placed, { centroids: right }: Placed): number {
  return Math.hypot(...left.map((value, i) => value - right[i]!));
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
