import type { Matrix } from '../../matrix.ts';
import { newKernel, type Kernel } from './kernel.ts';

/** Squared distances of points to the nearest centroid, before and after one more. */
export type Cover = {
  /** Infinite, until there is a centroid. */
  readonly distances: Float64Array;
  /**
   * Tries a centroid at the point `added`. Returns the weighted sum of the distances with it, or some number above `most`
   * as soon as the sum is beyond that.
   */
  try(added: number, most: number): number;
  /** Remembers the distances of the last trial as those of the best one. */
  prefer(): void;
  /** Goes on from the best trial. */
  take(): void;
};

let kernel: Kernel | undefined;

/** Points and their weights without any centroid. One cover at a time can be used in a thread. */
export function coverPoints({ rowCount, columnCount, values }: Matrix, weights: Float64Array): Cover {
  const own = (kernel ??= newKernel());
  own.reservePoints(rowCount, columnCount);
  const { buffer } = own.memory;
  new Float64Array(buffer, own.points.value, values.length).set(values);
  new Float64Array(buffer, own.pointWeights.value, rowCount).set(weights);
  const even = rowCount + (rowCount % 2);
  const arrays = [0, 1, 2].map((i) => new Float64Array(buffer, own.distances.value + 8 * i * even, even));
  let [from, best, tried] = arrays as [Float64Array, Float64Array, Float64Array];
  from.fill(Infinity);
  return {
    get distances() {
      return from;
    },
    try: (added, most) => own.cover(added, from.byteOffset, tried.byteOffset, most),
    prefer() {
      [best, tried] = [tried, best];
    },
    take() {
      [from, best] = [best, from];
    },
  };
}
