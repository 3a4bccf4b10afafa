import { cutTree } from '../hierarchical/dendrogram.ts';
import { wardTree } from '../hierarchical/ward.ts';
import { clusterMeans, withinSquares } from '../cluster-means.ts';
import { exchangeRows } from '../kmeans/exchange.ts';
import { lloyd, type LloydRun } from '../kmeans/lloyd.ts';
import { weightedStart } from '../kmeans/plus-plus.ts';
import { inlineStepper } from '../kmeans/stepper.ts';
import { nearestCentroids } from '../kmeans/nearest.ts';
import type { Matrix } from '../matrix.ts';
import type { Random } from '../random.ts';

/** A clustering of some rows; clusters may be empty where rows are alike. */
export type SampleClusters = { readonly k: number; readonly labels: Int32Array; readonly inertia: number };

/** Clusters a few thousand rows for each k at most their number, quickly: it is done hundreds of times. */
export type SampleClusterer = (matrix: Matrix, ks: readonly number[], random: Random) => Promise<SampleClusters[]>;

const starts = 6;
/** Of each start, and of the best one after that. */
const trialIterations = 4;
const maxIterations = 30;

/**
 * k-means by the best of six weighted starts, bettered row by row. The centroids of a start are drawn
 * one after the other, so that the first k of one long start serve each k.
 */
export const clusterByKmeans: SampleClusterer = async (matrix, ks, random) => {
  const stepper = inlineStepper(matrix);
  const weights = new Float64Array(matrix.rowCount).fill(1);
  const k = Math.max(...ks);
  const drawn = Array.from({ length: starts }, () => weightedStart({ matrix, weights }, { k, trials: 4 }, random));
  const clusterings: SampleClusters[] = [];
  for (const k of ks) {
    const trials: LloydRun[] = [];
    for (const start of drawn) {
      const first = start.subarray(0, k * matrix.columnCount);
      trials.push(await lloyd(stepper, first, { maxIterations: trialIterations }));
    }
    const best = trials.reduce((a, b) => (b.objective < a.objective ? b : a));
    const { centroids } = await lloyd(stepper, best.centroids, { maxIterations });
    const { labels } = await nearestCentroids(matrix, centroids, stepper);
    const means = exchangeRows(matrix, labels, centroids);
    clusterings.push({ k, labels, inertia: withinSquares(matrix, labels, means) });
  }
  return clusterings;
};

/** Ward's tree, cut at each k. */
export const clusterByWard: SampleClusterer = (matrix, ks) => {
  const tree = wardTree(matrix);
  const clusterings = ks.map((k) => {
    const labels = cutTree(tree, k);
    return { k, labels, inertia: withinSquares(matrix, labels, clusterMeans(matrix, labels, k).means) };
  });
  return Promise.resolve(clusterings);
};
