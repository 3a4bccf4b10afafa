import { refiner, type Candidate } from './candidate.ts';
import type { LloydStepper } from './stepper.ts';

/** How far a trial takes a centroid: these shares of its distance from the mean of all rows. */
const reaches = [0.7, 1.4];
/** After so many iterations a trial that is this much worse than the best is given up. */
const trialIterations = 8;
const promising = 1.001;
const maxIterations = 300;
const mostRounds = 3;
/** A gain below this share is none. */
const smallestGain = 1e-6;

/**
 * Betters a refined candidate by trials: each centroid in turn is taken towards the mean of all rows,
 * then away from it, and Lloyd's iteration goes on from there. Where few rows are very large, many
 * splits of them stand still under Lloyd's iteration, and only such a push leads from one to a better one.
 */
export async function explore(
  stepper: LloydStepper,
  candidate: Candidate,
  signal: AbortSignal | undefined,
): Promise<Candidate> {
  const { columnCount } = stepper;
  const refine = refiner(stepper, signal);
  const mean = meanOf(stepper);
  let best = candidate;
  for (let round = 0; round < mostRounds; round++) {
    const { centroids: from, inertia: before } = best;
    for (let first = 0; first < from.length; first += columnCount) {
      for (const reach of reaches) {
        const pushed = from.slice();
        for (let column = 0; column < columnCount; column++) {
          pushed[first + column] = mean[column]! + reach * (from[first + column]! - mean[column]!);
        }
        const trial = await refine(pushed, trialIterations);
        if (trial.inertia > best.inertia * promising) continue;
        const refined = await refine(trial.centroids, maxIterations);
        if (refined.inertia < best.inertia) best = refined;
      }
    }
    if (before - best.inertia <= smallestGain * before) break;
  }
  return best;
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
