import type { FeatureScale, FeatureSource } from '../../model.ts';
import { clusterLayers, scaledLayers, transformedLayers } from '../centroid-segment.ts';
import { quoteName, textLiteral } from '../dialect.ts';
import { addLayers, featureValue, workedOut } from '../parts.ts';
import type { ValueQuery } from './distributions.ts';
import { clipOf, fitRows, foundColumn, idBytes, idText, type FitRows } from './customer-rows.ts';

/** Centroids as lists of coordinates, in the order of the clusters. */
export type Points = readonly (readonly number[])[];

/** What one step of Lloyd needs of each cluster that has customers: `j` from 1, `n`, `s1` and so on, and `sse`. */
export function stepQuery(rows: FitRows, scales: readonly FeatureScale[], centroids: Points): string {
  const sums = scales.map((_, i) => `SUM(segtag_x${i + 1}) AS s${i + 1}`);
  return `SELECT segtag_cluster AS j, COUNT(*) AS n, ${sums.join(', ')}, SUM(${ofCluster(centroids, distance)}) AS sse
FROM (
${clustered(rows, scales, centroids)}
) t
GROUP BY segtag_cluster`;
}

/** The customers farthest from their centroids, equal ones by id: `j`, `d`, `x1` and so on. */
export function farthestQuery(
  rows: FitRows,
  scales: readonly FeatureScale[],
  { centroids, limit }: { readonly centroids: Points; readonly limit: number },
): string {
  const features = scales.map((_, i) => `segtag_x${i + 1} AS x${i + 1}`);
  return `SELECT segtag_cluster AS j, ${ofCluster(centroids, distance)} AS d, ${features.join(', ')}
FROM (
${clustered(rows, scales, centroids)}
) t
ORDER BY d DESC, ${idBytes(rows.customerId, rows.dialect)}
LIMIT ${limit}`;
}

/**
 * The features of customers in the fit, by id, as the source has them, texts as their numbers: all customers, or `size`
 * whose hashes with the seed come first, which are the same whatever else the night brings.
 */
export function sampleQuery(
  rows: FitRows,
  features: readonly FeatureSource[],
  { size, seed }: { readonly size: number | 'all'; readonly seed: number },
): string {
  const { dialect, customerId } = rows;
  const values = features.map((feature, i) => `${featureValue(feature, [], dialect)} AS v${i + 1}`);
  const id = idText(customerId, dialect);
  const drawn = `MD5(CONCAT(${id}, ${textLiteral(`:${seed}`, dialect)})), ${idBytes(customerId, dialect)}`;
  const order = size === 'all' ? '' : `\nORDER BY ${drawn}\nLIMIT ${size}`;
  return `SELECT ${quoteName(customerId, dialect)}, ${values.join(', ')}\nFROM (\n${fitRows(rows)}\n) t${order}`;
}

/**
 * The columns of every row of the query, and the nearest centroid from 1 as `segtag_found`; NULL where a feature is.
 * Rows come in the order of their ids, so that nobody has to hold them twice to put them in order.
 */
export function assignmentQuery(
  rows: FitRows,
  scales: readonly FeatureScale[],
  { centroids, columns }: { readonly centroids: Points; readonly columns: readonly string[] },
): string {
  const names = columns.map((name) => quoteName(name, rows.dialect));
  const layers = [...scaledLayers(scales, layerOptions(rows)), ...clusterLayers(centroids, prefix)];
  const order = idBytes(rows.customerId, rows.dialect);
  const query = addLayers(rows.customersSql, layers, workedOut(rows.dialect));
  return `SELECT ${[...names, `segtag_cluster AS ${foundColumn}`].join(', ')}\nFROM (\n${query}\n) t\nORDER BY ${order}`;
}

const prefix = 'segtag_';

/** The customers of the fit with their scaled features, the distances to the centroids and their cluster. */
export function clustered(rows: FitRows, scales: readonly FeatureScale[], centroids: Points): string {
  const layers = [...scaledLayers(scales, layerOptions(rows)), ...clusterLayers(centroids, prefix)];
  return addLayers(fitRows(rows), layers, workedOut(rows.dialect));
}

/** What holds for the customer's own cluster, from what holds for each of them (from 0). */
export function ofCluster(centroids: Points, sqlOf: (cluster: number) => string): string {
  return `CASE segtag_cluster ${centroids.map((_, i) => `WHEN ${i + 1} THEN ${sqlOf(i)}`).join(' ')} END`;
}

/** The transformed values of one feature, of the customers in the fit. */
export function featureValues(rows: FitRows, feature: FeatureSource): ValueQuery {
  const query = addLayers(fitRows(rows), transformedLayers([feature], layerOptions(rows)));
  return `SELECT ${prefix}t1 AS v\nFROM (\n${query}\n) t`;
}

function layerOptions(rows: FitRows): Parameters<typeof scaledLayers>[1] {
  return { dialect: rows.dialect, clip: clipOf(rows), prefix };
}

function distance(cluster: number): string {
  return `segtag_d${cluster + 1}`;
}
