import { takeMatrixRows, type Matrix } from '../matrix.ts';
import { seededRandom } from '../random.ts';
import type { SearchControl } from './candidate.ts';
import { weightedStart } from './plus-plus.ts';
import { refineThenExchange } from './starts.ts';
import { inlineStepper } from './stepper.ts';

/** Rows that share at most so many points, and two or more to a point, are clustered as these points. */
const mostPoints = 1_024;
/** Starts on points cost next to nothing, and among few heavy points most starts end in the same wrong optimum. */
const startsPerRestart = 10;
/** In turn, as the greediest draws are the best on most data and the worst on some. */
const trialsInTurn = [1, 2, 4, 8];

/** Different points, in the order of the first row at each, and how many rows lie there. */
export type Points = { readonly matrix: Matrix; readonly weights: Float64Array };

/**
 * The points at which the rows lie, where they are few: at most 1,024 and at most half as many as the
 * rows, as scores and other whole numbers give. Otherwise nothing, after a look at few rows. -0 is 0.
 */
export function fewPoints({ rowCount, columnCount, values }: Matrix): Points | undefined {
  const most = Math.min(mostPoints, Math.floor(rowCount / 2));
  const places = new Map<string, number>();
  const firstRows: number[] = [];
  const weights: number[] = [];
  const point = new Float64Array(columnCount);
  const bits = new Uint16Array(point.buffer);
  for (let row = 0; row < rowCount; row++) {
    // Adding 0 makes 0 of -0.
    for (let column = 0; column < columnCount; column++) point[column] = values[row * columnCount + column]! + 0;
    const key = String.fromCharCode(...bits);
    const place = places.get(key);
    if (place !== undefined) weights[place]! += 1;
    else {
      if (places.size === most) return undefined;
      places.set(key, firstRows.push(row) - 1);
      weights.push(1);
    }
  }
  return {
    matrix: takeMatrixRows({ rowCount, columnCount, values }, Uint32Array.from(firstRows)),
    weights: Float64Array.from(weights),
  };
}

/**
 * The best centroids (k×d) of ten weighted starts for each restart, refined on the points to the end:
 * what a search on all of their rows would find. The points must be k or more.
 */
export async function startOnPoints(
  { matrix, weights }: Points,
  {
    k,
    seed,
    restarts,
    ...control
  }: SearchControl & { readonly k: number; readonly seed: number; readonly restarts: number },
): Promise<Float64Array> {
  const random = seededRandom(seed);
  const starts = Array.from({ length: startsPerRestart * restarts }, (_, i) =>
    weightedStart({ matrix, weights }, { k, trials: trialsInTurn[i % trialsInTurn.length]! }, random),
  );
  return (await refineThenExchange(inlineStepper(matrix, weights), starts, control))[0]!.centroids;
}
