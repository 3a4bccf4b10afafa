import type { CentroidModel, FeatureScale, FeatureSource, Fence } from '../model.ts';
import { conditionSql, type ConditionOptions } from './condition.ts';
import { numberLiteral, type SqlDialect } from './dialect.ts';
import { clamped, featureValue, slugLiteral, type Named, type SegmentParts } from './parts.ts';

/**
 * The segment of the nearest centroid: transform, clamp, scale, squared distances summed in the order
 * of the features, ties to the lowest index, as the fit computes them. NULL where a feature is. Where
 * that segment is divided, the nearest centroid of its children, in their scale.
 */
export function centroidSegment(model: CentroidModel, options: ConditionOptions): SegmentParts {
  const clip = model.outlierAction === 'clip' ? model.fences : [];
  const divided = new Map<string, string>();
  const children = (model.children ?? []).map((child, i) => {
    const level = { ...options, clip, prefix: `segtag_child${i + 1}_`, divided: new Map<string, string>() };
    divided.set(child.segment, segmentCase(child, level));
    return nearestLayers(child, level);
  });
  const ofAll = { ...options, clip, prefix: 'segtag_', divided };
  // Side by side, as engines limit how deep queries are nested.
  const layers = nearestLayers(model, ofAll).map((layer, depth) => [layer, ...children.map((each) => each[depth]!)]);
  return { layers: layers.map((levels) => levels.flat()), segment: segmentCase(model, ofAll) };
}

type Level = Pick<CentroidModel, 'scales' | 'clusters' | 'guards'>;
type LevelOptions = ConditionOptions & {
  readonly clip: readonly Fence[];
  /** Of the names of this level. */
  readonly prefix: string;
  /** What stands for a segment that is divided, by its slug. */
  readonly divided: ReadonlyMap<string, string>;
};

function nearestLayers({ scales, clusters }: Level, options: LevelOptions): Named[][] {
  const centroids = clusters.map(({ centroid }) => centroid);
  return [...scaledLayers(scales, options), ...clusterLayers(centroids, options.prefix)];
}

export type ScaledOptions = {
  readonly dialect: SqlDialect;
  readonly clip: readonly Fence[];
  /** Of the names. */
  readonly prefix: string;
};

/** The features as the fit sees them, named `<prefix>x1` and so on; NULL where they can't be scaled. */
export function scaledLayers(scales: readonly FeatureScale[], options: ScaledOptions): [Named[], Named[], Named[]] {
  const { prefix } = options;
  const scaled = scales.map(({ low, high, center, spread, weight }, j) => {
    const within = clamped(`${prefix}t${j + 1}`, low, high);
    const centered = `(${within} - ${numberLiteral(center)}) / ${numberLiteral(spread)}`;
    return { name: `${prefix}x${j + 1}`, sql: `(${centered}) * ${numberLiteral(Math.sqrt(weight))}` };
  });
  return [...transformedLayers(scales, options), scaled];
}

/** The features clipped and transformed, named `<prefix>t1` and so on; NULL where they can't be transformed. */
export function transformedLayers(
  features: readonly FeatureSource[],
  { dialect, clip, prefix }: ScaledOptions,
): [Named[], Named[]] {
  const values = features.map((feature, j) => ({
    name: `${prefix}v${j + 1}`,
    sql: featureValue(feature, clip, dialect),
  }));
  const transformed = features.map(({ transform }, j) => {
    const value = `${prefix}v${j + 1}`;
    const sql = transform === 'log1p' ? `CASE WHEN ${value} > (-1e0) THEN LN(1e0 + ${value}) END` : value;
    return { name: `${prefix}t${j + 1}`, sql };
  });
  return [values, transformed];
}

/** Squared distances of the scaled features to each centroid, `<prefix>d1` and so on, and `<prefix>cluster`, the nearest from 1. */
export function clusterLayers(centroids: readonly (readonly number[])[], prefix: string): [Named[], Named[]] {
  const distances = centroids.map((centroid, i) => ({
    name: `${prefix}d${i + 1}`,
    sql: squaredDistance(centroid, prefix),
  }));
  const features = centroids[0]?.length ?? 0;
  return [distances, [{ name: `${prefix}cluster`, sql: nearestCase(prefix, features, centroids.length) }]];
}

/** Squares are added two by two, as the fit adds them. */
function squaredDistance(point: readonly number[], prefix: string): string {
  const squares = point.map((value, j) => {
    const difference = `(${prefix}x${j + 1} - ${numberLiteral(value)})`;
    return `${difference} * ${difference}`;
  });
  const pairs = Array.from({ length: Math.ceil(squares.length / 2) }, (_, i) => squares.slice(2 * i, 2 * i + 2));
  return pairs.map((pair) => `(${pair.join(' + ')})`).join(' + ');
}

function nearestCase(prefix: string, features: number, k: number): string {
  const missing = Array.from({ length: features }, (_, j) => `${prefix}x${j + 1} IS NULL`).join(' OR ');
  const branches = Array.from({ length: k - 1 }, (_, i) => {
    const others = Array.from({ length: k - 1 - i }, (_, j) => `${prefix}d${i + 1} <= ${prefix}d${i + j + 2}`);
    return `WHEN ${others.join(' AND ')} THEN ${i + 1}`;
  });
  return `CASE WHEN ${missing} THEN NULL ${branches.join(' ')} ELSE ${k} END`;
}

/** The cluster's segment, or that of customers who fail its guard. */
function segmentCase({ clusters, guards }: Level, options: LevelOptions): string {
  const segmentSql = (slug: string): string => options.divided.get(slug) ?? slugLiteral(slug);
  const branches = clusters.map(({ segment }, i) => {
    const guard = guards.find((candidate) => candidate.segment === segment);
    const own = segmentSql(segment);
    const sql = guard
      ? `CASE WHEN ${conditionSql(guard.condition, options)} THEN ${own} ELSE ${segmentSql(guard.otherwise)} END`
      : own;
    return `WHEN ${i + 1} THEN ${sql}`;
  });
  return `CASE ${options.prefix}cluster ${branches.join(' ')} END`;
}
