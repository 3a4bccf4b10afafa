import { ranked, refiner, type Candidate } from './candidate.ts';
import { explore } from './explore.ts';
import { roughly } from './lloyd.ts';
import { fewPoints, startOnPoints } from './points.ts';
import { race } from './race.ts';
import { findCandidates, type StartOptions } from './starts.ts';
import type { LloydStepper } from './stepper.ts';

/** Candidates this much worse than the best on the larger sample don't race over all rows. */
const closeFinal = 1.005;
const mostFinalists = 3;
/** So many that lead the race are refined. */
const mostRefined = 4;
const maxIterations = 100;

/**
 * Where the fit over the stepper's rows starts: of all candidates the one that is best on all rows.
 * Those of the small sample race, and the best are refined to the end, on a larger one first where
 * there is one. Rows at few different points are searched as these points.
 */
export async function chooseStart(stepper: LloydStepper, options: StartOptions): Promise<Float64Array> {
  const { matrix, signal } = options;
  const points = fewPoints(matrix);
  if (points) return startOnPoints(points, options);
  const { candidates, small, middle } = await findCandidates(options);
  if (!small) return candidates[0]!.centroids;
  const finalists = await refineRacers({ sample: small, stepper: middle ?? stepper }, candidates, signal);
  if (!middle) return finalists[0]!.centroids;
  return (await race(stepper, finalists, signal))[0]!.centroids;
}

async function refineRacers(
  { sample, stepper }: { readonly sample: LloydStepper; readonly stepper: LloydStepper },
  candidates: readonly Candidate[],
  signal: AbortSignal | undefined,
): Promise<Candidate[]> {
  const refine = refiner(stepper, { signal, tolerance: roughly });
  const refined: Candidate[] = [];
  for (const { centroids } of (await race(stepper, candidates, signal)).slice(0, mostRefined)) {
    refined.push(await refine(centroids, maxIterations));
  }
  const best = ranked(refined);
  best[0] = await explore({ sample, stepper }, best[0]!, signal);
  return best.filter(({ inertia }, i) => i < mostFinalists && inertia <= closeFinal * best[0]!.inertia);
}
