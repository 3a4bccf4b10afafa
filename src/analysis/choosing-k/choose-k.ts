import { separationOf, type Separation } from '../separation.ts';
import { silhouetteEuclidean, stratifiedSample } from '../silhouette.ts';
import { takeMatrixRows, type Matrix } from '../matrix.ts';
import { sampleRows, seededRandom, type Random } from '../random.ts';
import type { SampleClusterer } from './cluster-sample.ts';
import { distinctRows } from './distinct-rows.ts';
import { firstWithinError, gapOf, referenceRows, type Gap } from './gap.ts';
import { findKnee } from './knee.ts';
import { leastStable } from './stability.ts';

/** Gap and stability, which cluster anew many times, look at this many rows. */
const sampleSize = 1_000;
const silhouetteSample = 2_000;
const defaultRepeats = 20;

export type ChooseOptions = {
  readonly matrix: Matrix;
  /** Ascending by one, from 2 or more. */
  readonly ks: readonly number[];
  readonly seed: number;
  /** Clusters all rows. */
  readonly fit: (k: number) => Promise<{ readonly labels: Int32Array; readonly inertia: number }>;
  /** Clusters samples, by the same method. */
  readonly clusterSample: SampleClusterer;
  /** Reference sets of the gap, and bootstrap samples of the stability; 20 of each. */
  readonly repeats?: number;
  readonly signal?: AbortSignal | undefined;
  /** Awaited between fits, so that a single thread can see an abort. */
  readonly pause?: () => Promise<void>;
};

/** What speaks for one k. */
export type KFigures = Separation & {
  readonly k: number;
  readonly inertia: number;
  /** Euclidean, of at most 2,000 rows. */
  readonly silhouette: number;
  /** The gap statistic and its standard error, of at most 1,000 rows. */
  readonly gap: number;
  readonly gapError: number;
  /** Mean Jaccard similarity of the least stable cluster over bootstrap samples of at most 1,000 rows. */
  readonly stability: number;
};

export type KEvidence = {
  readonly figures: readonly KFigures[];
  /** Undefined where the curve of the inertia has no knee in the range. */
  readonly knee: number | undefined;
  /** The k that the gap prefers; 1 says that there are no clusters. */
  readonly gapChoice: number;
  /** Different rows, counted up to three times the largest k and one more. */
  readonly distinctRows: number;
};

/**
 * Everything that speaks for one number of clusters or another. Each k is fitted on all rows; gap and
 * stability come from a seeded sample. A k above the number of different rows is left out; with fewer
 * than two `fit` refuses. The same rows and seed give the same figures.
 */
export async function weighK(options: ChooseOptions): Promise<KEvidence> {
  const { matrix, seed, signal, pause } = options;
  const distinct = distinctRows(matrix, 3 * Math.max(...options.ks) + 1);
  const ks = options.ks.filter((k) => k <= Math.max(2, distinct));
  const indices: Indices[] = [];
  for (const k of ks) {
    signal?.throwIfAborted();
    indices.push(indicesOf(matrix, k, await options.fit(k), seed));
    await pause?.();
  }
  const random = seededRandom(seed);
  const rows = sampleRows(matrix.rowCount, Math.min(sampleSize, matrix.rowCount), random);
  const { gap, stability } = await bySample(takeMatrixRows(matrix, rows), ks, { ...options, random });
  return {
    figures: indices.map((each, i) => ({
      ...each,
      gap: gap.gap[each.k - 1]!,
      gapError: gap.error[each.k - 1]!,
      stability: stability[i]!,
    })),
    knee: findKnee(
      ks,
      indices.map(({ inertia }) => inertia),
    ),
    gapChoice: firstWithinError(gap),
    distinctRows: distinct,
  };
}

type Indices = Omit<KFigures, 'gap' | 'gapError' | 'stability'>;

function indicesOf(
  matrix: Matrix,
  k: number,
  { labels, inertia }: { labels: Int32Array; inertia: number },
  seed: number,
): Indices {
  const sample = stratifiedSample(labels, k, { size: silhouetteSample, seed });
  const sampled = Int32Array.from(sample, (row) => labels[row]!);
  return {
    k,
    inertia,
    ...separationOf(matrix, labels, k),
    silhouette: silhouetteEuclidean(takeMatrixRows(matrix, sample), sampled, k).mean,
  };
}

async function bySample(
  sample: Matrix,
  ks: readonly number[],
  options: ChooseOptions & { readonly random: Random },
): Promise<{ gap: Gap; stability: number[] }> {
  const { clusterSample, random, signal, pause, repeats = defaultRepeats } = options;
  const cluster: SampleClusterer = async (matrix, ks, random) => {
    signal?.throwIfAborted();
    await pause?.();
    return clusterSample(matrix, ks, random);
  };
  const fromOne = Array.from({ length: Math.min(ks.at(-1)!, sample.rowCount) }, (_, i) => i + 1);
  const inertias = (await cluster(sample, fromOne, random)).map(({ inertia }) => inertia);
  const references: number[][] = [];
  for (let i = 0; i < repeats; i++) {
    const reference = await cluster(referenceRows(sample, random), fromOne, random);
    references.push(reference.map(({ inertia }) => inertia));
  }
  const clusterings = await cluster(
    sample,
    ks.map((k) => Math.min(k, sample.rowCount)),
    random,
  );
  const stability = await leastStable(sample, clusterings, { cluster, samples: repeats, random });
  return { gap: gapOf(inertias, references), stability };
}
