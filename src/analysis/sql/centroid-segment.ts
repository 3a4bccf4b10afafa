import type { CentroidModel } from '../model.ts';
import { conditionSql, type ConditionOptions } from './condition.ts';
import { numberLiteral } from './dialect.ts';
import { clamped, fittedValue, slugLiteral, type SegmentParts } from './parts.ts';

/**
 * The segment of the nearest centroid: transform, clamp, scale, squared distances summed in the order
 * of the features, ties to the lowest index, as the fit computes them. NULL where a feature is.
 */
export function centroidSegment(model: CentroidModel, options: ConditionOptions): SegmentParts {
  const { scales, clusters } = model;
  const { dialect } = options;
  const clip = model.outlierAction === 'clip' ? model.fences : [];
  const values = scales.map(({ column }, j) => ({ name: `segtag_v${j + 1}`, sql: fittedValue(column, clip, dialect) }));
  const transformed = scales.map(({ transform }, j) => {
    const value = `segtag_v${j + 1}`;
    const sql = transform === 'log1p' ? `CASE WHEN ${value} > (-1e0) THEN LN(1e0 + ${value}) END` : value;
    return { name: `segtag_t${j + 1}`, sql };
  });
  const scaled = scales.map(({ low, high, center, spread, weight }, j) => {
    const within = clamped(`segtag_t${j + 1}`, low, high);
    const centered = `(${within} - ${numberLiteral(center)}) / ${numberLiteral(spread)}`;
    return { name: `segtag_x${j + 1}`, sql: `(${centered}) * ${numberLiteral(Math.sqrt(weight))}` };
  });
  const distances = clusters.map(({ centroid }, i) => {
    const squares = centroid.map((value, j) => {
      const difference = `(segtag_x${j + 1} - ${numberLiteral(value)})`;
      return `${difference} * ${difference}`;
    });
    return { name: `segtag_d${i + 1}`, sql: squares.join(' + ') };
  });
  const nearest = { name: 'segtag_cluster', sql: nearestCase(scales.length, clusters.length) };
  return { layers: [values, transformed, scaled, distances, [nearest]], segment: segmentCase(model, options) };
}

function nearestCase(features: number, k: number): string {
  const missing = Array.from({ length: features }, (_, j) => `segtag_x${j + 1} IS NULL`).join(' OR ');
  const branches = Array.from({ length: k - 1 }, (_, i) => {
    const others = Array.from({ length: k - 1 - i }, (_, j) => `segtag_d${i + 1} <= segtag_d${i + j + 2}`);
    return `WHEN ${others.join(' AND ')} THEN ${i + 1}`;
  });
  return `CASE WHEN ${missing} THEN NULL ${branches.join(' ')} ELSE ${k} END`;
}

/** The cluster's segment, or that of customers who fail its guard. */
function segmentCase({ clusters, guards }: CentroidModel, options: ConditionOptions): string {
  const branches = clusters.map(({ segment }, i) => {
    const guard = guards.find((candidate) => candidate.segment === segment);
    const own = slugLiteral(segment);
    const sql = guard
      ? `CASE WHEN ${conditionSql(guard.condition, options)} THEN ${own} ELSE ${slugLiteral(guard.otherwise)} END`
      : own;
    return `WHEN ${i + 1} THEN ${sql}`;
  });
  return `CASE segtag_cluster ${branches.join(' ')} END`;
}
