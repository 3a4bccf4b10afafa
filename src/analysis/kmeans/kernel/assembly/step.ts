import { clear, double, room } from './memory';

let blockRows: i32 = 0;
let k: i32 = 0;
let columnCount: i32 = 0;

// Where the arrays of a step lie; the caller fills and reads the exported ones.
export let centroids: usize = 0;
export let travel: usize = 0;
export let values: usize = 0;
export let weights: usize = 0;
export let labels: usize = 0;
export let expiry: usize = 0;
export let blocks: usize = 0;
/** The squared distance of each row to its nearest centroid. */
let squares: usize = 0;
/** Two rows, column by column. */
let pair: usize = 0;

/** Makes room for steps over up to so many rows, in blocks of an even number of rows. What the arrays held is lost. */
export function reserveRows(rowCount: i32, rowsPerBlock: i32, clusters: i32, columns: i32): void {
  blockRows = rowsPerBlock;
  k = clusters;
  columnCount = columns;
  clear();
  // Rows are taken two at a time.
  const rows = (rowCount + 1) & ~1;
  centroids = room((k * columns) << double);
  travel = room(k << double);
  values = room((rows * columns) << double);
  weights = room(rows << double);
  labels = room(rows << 2);
  expiry = room(rows << 2);
  blocks = room((((rowCount + blockRows - 1) / blockRows) * k * (columns + 2)) << double);
  squares = room(rows << double);
  pair = room((2 * columns) << double);
}

/**
 * Labels the rows and sums their blocks. A row whose label holds for certain need not be looked at, unless the step is
 * `fresh`: then every row is. Returns `inertia`, with that of each block added in turn where the step is fresh.
 */
export function step(rowCount: i32, fresh: bool, weighted: bool, inertia: f64): f64 {
  if (rowCount & 1) {
    store<i32>(labels + (rowCount << 2), 0);
    store<f32>(expiry + (rowCount << 2), Infinity);
  }
  let block = blocks;
  for (let first = 0; first < rowCount; first += blockRows) {
    const last = min(rowCount, first + blockRows);
    if (columnCount === 3) labelByThree(first, last, fresh);
    else labelByMany(first, last, fresh);
    const added = sumBlock(first, last, block, weighted);
    if (fresh) inertia += added;
    block += (k * (columnCount + 2)) << double;
  }
  return inertia;
}

// Three features are what most jobs have; they stay in registers.
function labelByThree(first: i32, last: i32, fresh: bool): void {
  const clusters = k;
  for (let row = first; row < last; row += 2) {
    if (!fresh && holds(row) && holds(row + 1)) continue;
    const at = values + ((row * 3) << double);
    const xs = v128.load64_lane(at, v128.load64_zero(at), 1, 24);
    const ys = v128.load64_lane(at, v128.load64_zero(at, 8), 1, 32);
    const zs = v128.load64_lane(at, v128.load64_zero(at, 16), 1, 40);
    let label = i64x2.splat(0);
    let index = label;
    let nearest = f64x2.splat(Infinity);
    let second = nearest;
    let centroid = centroids;
    for (let cluster = 0; cluster < clusters; cluster++) {
      const dx = f64x2.sub(xs, v128.load64_splat(centroid));
      const dy = f64x2.sub(ys, v128.load64_splat(centroid, 8));
      const dz = f64x2.sub(zs, v128.load64_splat(centroid, 16));
      const square = f64x2.add(f64x2.add(f64x2.mul(dx, dx), f64x2.mul(dy, dy)), f64x2.mul(dz, dz));
      label = v128.bitselect(index, label, f64x2.lt(square, nearest));
      index = i64x2.add(index, i64x2.splat(1));
      second = f64x2.pmin(second, f64x2.pmax(square, nearest));
      nearest = f64x2.pmin(nearest, square);
      centroid += 24;
    }
    keep(row, label, nearest, second);
  }
}

function labelByMany(first: i32, last: i32, fresh: bool): void {
  const clusters = k;
  const rowBytes = columnCount << double;
  for (let row = first; row < last; row += 2) {
    if (!fresh && holds(row) && holds(row + 1)) continue;
    layPair(row);
    let label = i64x2.splat(0);
    let index = label;
    let nearest = f64x2.splat(Infinity);
    let second = nearest;
    let centroid = centroids;
    for (let cluster = 0; cluster < clusters; cluster++) {
      const square = squaresTo(centroid);
      label = v128.bitselect(index, label, f64x2.lt(square, nearest));
      index = i64x2.add(index, i64x2.splat(1));
      second = f64x2.pmin(second, f64x2.pmax(square, nearest));
      nearest = f64x2.pmin(nearest, square);
      centroid += rowBytes;
    }
    keep(row, label, nearest, second);
  }
}

/** Whether the label of a row is certain: no cluster has travelled so far. */
function holds(row: i32): bool {
  const label = load<i32>(labels + (row << 2));
  return <f64>load<f32>(expiry + (row << 2)) > load<f64>(travel + (label << double));
}

/** Lays a row and the next one side by side. */
function layPair(row: i32): void {
  const rowBytes = columnCount << double;
  let from = values + row * rowBytes;
  const last = from + rowBytes;
  for (let to = pair; from < last; to += 16) {
    v128.store(to, v128.load64_lane(from + rowBytes, v128.load64_zero(from), 1));
    from += 8;
  }
}

/** Squared distances of the pair to a centroid; two columns are added before they are added to the rest. */
function squaresTo(centroid: usize): v128 {
  let square = f64x2.splat(0);
  let at = pair;
  const last = pair + (columnCount << 4);
  for (; at + 16 < last; at += 32) {
    const x = f64x2.sub(v128.load(at), v128.load64_splat(centroid));
    const y = f64x2.sub(v128.load(at, 16), v128.load64_splat(centroid, 8));
    square = f64x2.add(square, f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y)));
    centroid += 16;
  }
  if (at < last) {
    const x = f64x2.sub(v128.load(at), v128.load64_splat(centroid));
    square = f64x2.add(square, f64x2.mul(x, x));
  }
  return square;
}

/** Keeps what was found of a row and the next one. */
function keep(row: i32, label: v128, nearest: v128, second: v128): void {
  const one = <i32>i64x2.extract_lane(label, 0);
  const other = <i32>i64x2.extract_lane(label, 1);
  store<i32>(labels + (row << 2), one);
  store<i32>(labels + (row << 2), other, 4);
  v128.store(squares + (row << double), nearest);
  const travelled = v128.load64_lane(travel + (other << double), v128.load64_zero(travel + (one << double)), 1);
  const expires = expiryOf(travelled, f64x2.sqrt(nearest), f64x2.sqrt(second));
  v128.store64_lane(expiry + (row << 2), f32x4.demote_f64x2_zero(expires), 0);
}

/** Rounded down by more than Float32 and the square roots can round up. */
function expiryOf(travelled: v128, nearest: v128, second: v128): v128 {
  const gap = f64x2.add(travelled, f64x2.sub(second, nearest));
  const rounding = f64x2.mul(f64x2.splat(1e-6), f64x2.add(travelled, second));
  const never = f64x2.splat(Infinity);
  return v128.bitselect(never, f64x2.sub(gap, rounding), f64x2.eq(second, never));
}

/** Sums the rows of a block cluster by cluster, in row order, and finds their least expiry. Returns their inertia. */
function sumBlock(first: i32, last: i32, block: usize, weighted: bool): f64 {
  const rowBytes = columnCount << double;
  const counts = block + k * rowBytes;
  const limits = counts + (k << double);
  memory.fill(block, 0, limits - block);
  for (let limit = limits, end = limits + (k << double); limit < end; limit += 8) store<f64>(limit, Infinity);
  let inertia: f64 = 0;
  let from = values + first * rowBytes;
  for (let row = first; row < last; row++) {
    const label = load<i32>(labels + (row << 2));
    const weight = weighted ? load<f64>(weights + (row << double)) : 1;
    addRow(from, block + label * rowBytes, weight);
    from += rowBytes;
    const count = counts + (label << double);
    store<f64>(count, load<f64>(count) + weight);
    const limit = limits + (label << double);
    const expires = f64x2.splat(<f64>load<f32>(expiry + (row << 2)));
    v128.store64_lane(limit, f64x2.pmin(v128.load64_zero(limit), expires), 0);
    inertia += weight * load<f64>(squares + (row << double));
  }
  return inertia;
}

/** Adds a row to the sums of its cluster. */
function addRow(from: usize, to: usize, weight: f64): void {
  const last = from + (columnCount << double);
  const weights = f64x2.splat(weight);
  for (; from + 8 < last; from += 16) {
    v128.store(to, f64x2.add(v128.load(to), f64x2.mul(weights, v128.load(from))));
    to += 16;
  }
  if (from < last) store<f64>(to, load<f64>(to) + weight * load<f64>(from));
}
