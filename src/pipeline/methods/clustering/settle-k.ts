import { weighK, type KEvidence } from '../../../analysis/choosing-k/choose-k.ts';
import { clusterByKmeans, clusterByWard } from '../../../analysis/choosing-k/cluster-sample.ts';
import { distinctRows } from '../../../analysis/choosing-k/distinct-rows.ts';
import { kBounds, proposeK, type KProposal } from '../../../analysis/choosing-k/propose-k.ts';
import { requireSplittable } from '../../../analysis/kmeans/check.ts';
import type { Matrix } from '../../../analysis/matrix.ts';
import { SegtagError } from '../../../errors.ts';
import type { ClusteringSegments } from '../../../job/schema.ts';
import type { ReadContext } from '../../context.ts';
import { turn, withFitter } from './fit-clusters.ts';

/** The range that `k: auto` looks at; the labels bound what it may propose. */
const autoRange = { first: 2, last: 8 };

/** How each method clusters a sample. */
export const sampleClusterers = { kmeans: clusterByKmeans, hierarchical: clusterByWard } as const;

export type KRange = { readonly first: number; readonly last: number };

type Settling = {
  readonly segments: ClusteringSegments;
  readonly matrix: Matrix;
  /** How many clusters are published. */
  readonly published: number | undefined;
};

/**
 * The k of tonight's fit: the job's, or with `auto` the published one, however the customers have
 * changed; only where none is published does the proposal decide. What it says goes into the notes.
 */
export async function settleK(
  context: ReadContext,
  { segments, matrix, published }: Settling,
): Promise<{ readonly k: number; readonly notes: readonly string[] }> {
  if (segments.k !== 'auto') return { k: segments.k, notes: [] };
  const { proposal } = await tuneK(context, { segments, matrix, range: autoRange, current: published });
  const { proposed, verdict, warnings } = proposal;
  const k = published ?? proposed;
  if (k === null) {
    throw new SegtagError('E_DEGENERATE_FIT', {
      where: context.loaded.locate(['segments', 'k']),
      what: `Nothing can be proposed for k: auto. ${verdict}`,
      remedy: `Write a number as segments.k; see the figures with \`segtag tune ${context.loaded.job.job}\`.`,
    });
  }
  const stays = published !== undefined && proposed !== published;
  const advice = stays && proposed !== null ? ` k stays ${k}; to change it, write segments.k: ${proposed}.` : '';
  return { k, notes: [`k: auto. ${verdict}${advice}`, ...warnings] };
}

type Tuning = {
  readonly segments: ClusteringSegments;
  readonly matrix: Matrix;
  readonly range: KRange;
  /** The k in use. */
  readonly current: number | undefined;
};

/** Weighs every k of the range on the customers in the fit, by the job's method, and proposes one that the labels can name. */
export async function tuneK(
  context: ReadContext,
  { segments, matrix, range, current }: Tuning,
): Promise<{ readonly evidence: KEvidence; readonly proposal: KProposal }> {
  requireSplittable(matrix, range.first);
  const ks = Array.from({ length: range.last - range.first + 1 }, (_, i) => range.first + i);
  const mostClusters = distinctRows(matrix, range.last);
  const evidence = await withFitter(context, { segments, matrix, mostClusters, comparing: true }, (fit) =>
    weighK({
      matrix,
      ks,
      seed: segments.seed,
      fit,
      clusterSample: sampleClusterers[segments.method],
      signal: context.signal,
      pause: turn,
    }),
  );
  return { evidence, proposal: proposeK(evidence, kBounds(context.loaded.job), current) };
}
