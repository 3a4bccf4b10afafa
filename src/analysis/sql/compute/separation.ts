import { overallMean, squareBetween, type ClusterMoments } from '../../cluster-moments.ts';
import type { FeatureScale } from '../../model.ts';
import { numberLiteral } from '../dialect.ts';
import { addLayers, workedOut, type Named } from '../parts.ts';
import { clustered, ofCluster, type Points } from './clusters.ts';
import type { FitRows } from './customer-rows.ts';

/** The clusters that customers are put to, and the moments of those that have any (`numbers`, from 0). */
export type SeparationInput = {
  readonly centroids: Points;
  readonly moments: ClusterMoments;
  readonly numbers: readonly number[];
};

/**
 * How far apart the clusters are, in one pass: per cluster (`j` from 1) the sum of its customers' squared
 * silhouettes, `silhouettes`, and of their distances to its mean, `distances`. The mean squared distance of a
 * customer to a cluster follows from the cluster's moments, as in `silhouetteSq`.
 */
export function separationQuery(rows: FitRows, scales: readonly FeatureScale[], input: SeparationInput): string {
  const query = addLayers(clustered(rows, scales, input.centroids), separationLayers(input), workedOut(rows.dialect));
  return `SELECT segtag_cluster AS j, SUM(${silhouette}) AS silhouettes, SUM(SQRT(segtag_square)) AS distances
FROM (
${query}
) t
GROUP BY segtag_cluster`;
}

/** The mean distance to the others of a cluster with a single customer. */
const alone = '(-1e0)';
/** As large as an engine lets a literal be and far beyond any distance. */
const farAway = numberLiteral(1e300);

const silhouette = `CASE WHEN segtag_inside < 0e0 THEN 0e0 WHEN segtag_inside = 0e0 AND segtag_outside = 0e0 THEN 0e0
  WHEN segtag_outside > segtag_inside THEN (segtag_outside - segtag_inside) / segtag_outside
  ELSE (segtag_outside - segtag_inside) / segtag_inside END`;

function separationLayers({ centroids, moments, numbers }: SeparationInput): Named[][] {
  const { counts, means, within } = moments;
  const overall = overallMean(moments);
  const centred = overall.map((mean, j) => ({
    name: `segtag_u${j + 1}`,
    sql: `segtag_x${j + 1} - ${numberLiteral(mean)}`,
  }));
  const own = { name: 'segtag_own', sql: overall.map((_, j) => `segtag_u${j + 1} * segtag_u${j + 1}`).join(' + ') };
  const square = { name: 'segtag_square', sql: ofCluster(centroids, (i) => toMean(means[numbers.indexOf(i)])) };
  const meanSquares = means.map((mean, i) => within[i]! / counts[i]! + squareBetween(mean, overall));
  const distances = means.map((mean, i) => {
    const products = mean.map((value, j) => `${numberLiteral(2 * (value - overall[j]!))} * segtag_u${j + 1}`);
    const sql = `segtag_own + ${numberLiteral(meanSquares[i]!)} - (${products.join(' + ')})`;
    return { name: `segtag_e${i + 1}`, sql };
  });
  const positive = distances.map(({ name }, i) => ({
    name: `segtag_f${i + 1}`,
    sql: `CASE WHEN ${name} < 0e0 THEN 0e0 ELSE ${name} END`,
  }));
  const inside = {
    name: 'segtag_inside',
    sql: ofCluster(centroids, (cluster) => {
      const i = numbers.indexOf(cluster);
      const count = counts[i] ?? 0;
      return count < 2 ? alone : `segtag_f${i + 1} * ${numberLiteral(count / (count - 1))}`;
    }),
  };
  const others = numbers.map((cluster, i) => ({
    name: `segtag_o${i + 1}`,
    sql: `CASE WHEN segtag_cluster = ${cluster + 1} THEN ${farAway} ELSE segtag_f${i + 1} END`,
  }));
  const outside = { name: 'segtag_outside', sql: leastOf(others.map(({ name }) => name)) };
  return [[...centred, square], [own], distances, positive, [inside, ...others], [outside]];
}

function toMean(mean: readonly number[] | undefined): string {
  if (!mean) return '0e0';
  return mean
    .map((value, j) => `(segtag_x${j + 1} - ${numberLiteral(value)}) * (segtag_x${j + 1} - ${numberLiteral(value)})`)
    .join(' + ');
}

function leastOf(names: readonly string[]): string {
  const branches = names.slice(0, -1).map((name, i) => {
    const others = names.slice(i + 1).map((other) => `${name} <= ${other}`);
    return `WHEN ${others.join(' AND ')} THEN ${name}`;
  });
  return `CASE ${branches.join(' ')} ELSE ${names.at(-1)} END`;
}
