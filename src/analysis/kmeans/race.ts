import { lloyd, type LloydRun } from './lloyd.ts';
import { sumOfSquares, type Candidate } from './candidate.ts';
import type { LloydStepper } from './stepper.ts';

/** Candidates this much worse than the best where they come from do not race, beyond the best few. */
const closeInertia = 1.03;
const bestFew = 2;
const atMost = 12;
/** These many iterations each, then only those as close as `closeRace` go on. */
const raceRounds = [1, 4];
const closeRace = 1.01;

/**
 * Lets candidates (best first) race over the stepper's rows, a few iterations each, and returns those
 * that are still close to the best one, best first.
 */
export async function race(
  stepper: LloydStepper,
  ranked: readonly Candidate[],
  signal: AbortSignal | undefined,
): Promise<Candidate[]> {
  const limit = ranked[0]!.inertia * closeInertia;
  let racers = ranked.filter(({ inertia }, i) => i < bestFew || inertia <= limit).slice(0, atMost);
  if (racers.length === 1) return racers;
  const squares = sumOfSquares(stepper);
  for (const maxIterations of raceRounds) {
    if (racers.length === 1) break;
    const runs: LloydRun[] = [];
    for (const { centroids } of racers) runs.push(await lloyd(stepper, centroids, { maxIterations, signal }));
    runs.sort((a, b) => a.objective - b.objective);
    const close = (runs[0]!.objective + squares) * closeRace - squares;
    racers = runs
      .filter(({ objective }, i) => i === 0 || objective <= close)
      .map(({ centroids, objective }) => ({ centroids, inertia: objective + squares }));
  }
  return racers;
}
