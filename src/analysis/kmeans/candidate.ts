import { lloyd, type LloydOptions } from './lloyd.ts';
import type { LloydStepper } from './stepper.ts';

const sameOptimum = 1e-5;

/** Centroids refined on all rows or on a sample, and their inertia there. */
export type Candidate = { readonly centroids: Float64Array; readonly inertia: number };

/** Takes a start a number of Lloyd iterations further. */
export type Refine = (start: Float64Array, iterations: number) => Promise<Candidate>;

/** Refines candidates on the stepper's rows. */
export function refiner(stepper: LloydStepper, options: Omit<LloydOptions, 'maxIterations'>): Refine {
  const squares = sumOfSquares(stepper);
  return async (start, maxIterations) => {
    const { centroids, objective } = await lloyd(stepper, start, { ...options, maxIterations });
    return { centroids, inertia: Math.max(0, objective + squares) };
  };
}

/** Best first; runs into one optimum end with nearly the same inertia and count as one. */
export function ranked(candidates: readonly Candidate[]): Candidate[] {
  const different: Candidate[] = [];
  for (const candidate of candidates.toSorted((a, b) => a.inertia - b.inertia)) {
    const last = different.at(-1);
    if (!last || candidate.inertia - last.inertia > sameOptimum * candidate.inertia) different.push(candidate);
  }
  return different;
}

/** What an objective of `lloyd` over these rows lacks to be an inertia. */
export function sumOfSquares({ matrix, weights }: LloydStepper): number {
  const { rowCount, columnCount, values } = matrix;
  let total = 0;
  for (let row = 0; row < rowCount; row++) {
    let square = 0;
    for (let i = row * columnCount; i < (row + 1) * columnCount; i++) square += values[i]! * values[i]!;
    total += weights === null ? square : weights[row]! * square;
  }
  return total;
}

/** Lets a long search be aborted, and gives way between starts. */
export type SearchControl = {
  readonly signal?: AbortSignal | undefined;
  readonly pause?: (() => Promise<void>) | undefined;
};

/** Refines each start by so many iterations at most; different ones, best first. */
export async function refineAll(
  starts: Iterable<Float64Array>,
  { refine, iterations }: { readonly refine: Refine; readonly iterations: number },
  { signal, pause }: SearchControl,
): Promise<Candidate[]> {
  const refined: Candidate[] = [];
  for (const start of starts) {
    signal?.throwIfAborted();
    refined.push(await refine(start, iterations));
    await pause?.();
  }
  return ranked(refined);
}
