/**
 * The knee of a falling, convex curve (kneedle: Satopää et al., 2011, as the Python package kneed finds
 * it, with sensitivity 1): the x where the curve, drawn in a unit square, lies farthest below its
 * diagonal. `x` ascends evenly. Undefined when there is none, as on a straight line or with fewer
 * than three points. It depends on the range of x: always tell that with it.
 */
export function findKnee(x: readonly number[], y: readonly number[]): number | undefined {
  const [xs, ys] = [unit(x), unit(y)];
  if (x.length < 3 || !ys.every((value) => Number.isFinite(value))) return undefined;
  const highest = Math.max(...ys);
  const gaps = ys.map((value, i) => highest - value - xs[i]!);
  const step = 1 / (x.length - 1);
  let threshold = -Infinity;
  let candidate = -1;
  for (let i = 0; i < gaps.length - 1; i++) {
    const [before, gap, after] = [gaps[Math.max(0, i - 1)]!, gaps[i]!, gaps[i + 1]!];
    if (gap >= before && gap >= after) {
      threshold = gap - step;
      candidate = i;
    }
    if (candidate >= 0 && gap <= before && gap <= after) threshold = 0;
    if (candidate >= 0 && after < threshold) return x[candidate];
  }
  return undefined;
}

function unit(values: readonly number[]): number[] {
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  return values.map((value) => (value - low) / range);
}
