import { clear, double, room } from './memory';

/** Points after which a sum that is already too large is given up. */
const lookPoints: i32 = 512;

let count: i32 = 0;
let pointBytes: i32 = 0;

// Where the arrays lie; the caller fills the first two.
export let points: usize = 0;
export let pointWeights: usize = 0;
/** Three arrays of one double per point, an even number each. */
export let distances: usize = 0;

/** Makes room for so many points. */
export function reservePoints(pointCount: i32, columns: i32): void {
  count = pointCount;
  pointBytes = columns << double;
  clear();
  // Points are taken two at a time; the last one may be a point that weighs nothing.
  const padded = (count + 1) & ~1;
  points = room(padded * pointBytes);
  pointWeights = room(padded << double);
  distances = room((3 * padded) << double);
  memory.fill(points, 0, padded * pointBytes);
  memory.fill(pointWeights, 0, padded << double);
}

/**
 * Puts the squared distances `from` which the points lie from a centroid, or from one more at the point `added` where
 * that is nearer, into another array. Returns their weighted sum, or some number above `most` as soon as it is beyond that.
 */
export function cover(added: i32, from: usize, into: usize, most: f64): f64 {
  const centroid = points + added * pointBytes;
  let inertia: f64 = 0;
  for (let first = 0; first < count && inertia <= most; first += lookPoints) {
    const last = min(count, first + lookPoints);
    for (let point = first; point < last; point += 2) {
      const at = point << double;
      const square = squaresBetween(points + point * pointBytes, centroid);
      const nearest = f64x2.pmin(v128.load(from + at), square);
      v128.store(into + at, nearest);
      const weighted = f64x2.mul(v128.load(pointWeights + at), nearest);
      inertia += f64x2.extract_lane(weighted, 0);
      inertia += f64x2.extract_lane(weighted, 1);
    }
  }
  return inertia;
}

/** Squared distances of a point and the next one to a centroid; two columns are added before they are added to the rest. */
function squaresBetween(at: usize, centroid: usize): v128 {
  let square = f64x2.splat(0);
  let next = at + pointBytes;
  const last = next;
  for (; at + 8 < last; at += 16) {
    const x = f64x2.sub(v128.load64_lane(next, v128.load64_zero(at), 1), v128.load64_splat(centroid));
    const y = f64x2.sub(v128.load64_lane(next, v128.load64_zero(at, 8), 1, 8), v128.load64_splat(centroid, 8));
    square = f64x2.add(square, f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y)));
    next += 16;
    centroid += 16;
  }
  if (at < last) {
    const x = f64x2.sub(v128.load64_lane(next, v128.load64_zero(at), 1), v128.load64_splat(centroid));
    square = f64x2.add(square, f64x2.mul(x, x));
  }
  return square;
}
