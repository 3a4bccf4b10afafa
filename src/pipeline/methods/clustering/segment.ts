import { curveOfK, type KPoint } from '../../../analysis/choosing-k/k-curve.ts';
import type { Finding } from '../../../analysis/decide/checks.ts';
import { refitIsDue } from '../../../analysis/decide/refit.ts';
import { requireMeasurable } from '../../../analysis/kmeans/check.ts';
import { nearestCentroids } from '../../../analysis/kmeans/nearest.ts';
import type { CentroidModel, FeatureScale } from '../../../analysis/model.ts';
import { formatDay, parseDay } from '../../../frame/day.ts';
import type { ClusteringSegments } from '../../../job/schema.ts';
import type { ReadContext } from '../../context.ts';
import { clusterQuality, type ClusterQuality } from './cluster-quality.ts';
import type { Featured } from './features.ts';
import { withFitter, type ClusterFit } from './fit-clusters.ts';
import { sampleClusterers, settleK } from './settle-k.ts';

export type Segmented = {
  readonly method: ClusteringSegments['method'];
  readonly k: number;
  /** Row-major k × features, in the frozen scale. */
  readonly centroids: Float64Array;
  /** Cluster of each customer in the fit. */
  readonly labels: Int32Array;
  readonly fittedOn: string;
  readonly quality: ClusterQuality;
  /** How other numbers of clusters would fit; null where the centroids stayed. */
  readonly kCurve: readonly KPoint[] | null;
  /** What a person may want to know of the number of clusters. */
  readonly notes: readonly string[];
};

/** The clusters of a night, wherever they were found. */
export type FoundClusters = {
  readonly scales: readonly FeatureScale[];
  /** Rows of the customers in the fit, ascending. */
  readonly fitRows: Uint32Array;
  readonly segmented: Segmented;
  /** Features that say the same. */
  readonly findings: readonly Finding[];
};

export type SegmentInput = {
  readonly segments: ClusteringSegments;
  readonly featured: Featured;
  /** The published clusters, where a model goes on. */
  readonly model: Pick<CentroidModel, 'clusters' | 'fittedOn'> | undefined;
};

/** Clusters the customers in the fit, and looks how well that describes them. */
export async function segment(context: ReadContext, input: SegmentInput): Promise<Segmented> {
  const { segments, featured } = input;
  const { matrix } = featured;
  const { method, seed } = segments;
  const { fit, fittedOn, notes } = await fitSegments(context, input);
  const quality = clusterQuality(matrix, fit, seed);
  const clusterSample = sampleClusterers[method];
  const kCurve = fit.start === 'assigned' ? null : await curveOfK({ matrix, ks: curveKs, seed, clusterSample });
  const { k, centroids, labels } = fit;
  return { method, k, centroids, labels, fittedOn, quality, kCurve, notes };
}

export type SegmentFit = Pick<Segmented, 'fittedOn' | 'notes'> & { readonly fit: ClusterFit };

/** Clusters the customers in the fit, going on from the published centroids where there are any. */
export async function fitSegments(
  context: ReadContext,
  { segments, featured, model }: SegmentInput,
): Promise<SegmentFit> {
  const { matrix } = featured;
  const published = model && Float64Array.from(model.clusters.flatMap((cluster) => cluster.centroid));
  if (model && published && !refitIsDue(segments.refit, parseDay(model.fittedOn), context.asOf)) {
    requireMeasurable(matrix);
    const kept = { k: model.clusters.length, centroids: published, iterations: 0, converged: true } as const;
    const nearest = await nearestCentroids(matrix, published);
    return { fit: { ...kept, ...nearest, start: 'assigned' }, fittedOn: model.fittedOn, notes: [] };
  }
  const { k, notes } = await settleK(context, { segments, matrix, published: model?.clusters.length });
  const fit = await withFitter(context, { segments, matrix, mostClusters: k }, (fit) => fit(k, published));
  return { fit, fittedOn: formatDay(context.asOf), notes };
}

/** The numbers of clusters that the curve looks at. */
const curveKs = [2, 3, 4, 5, 6, 7, 8];

const methodNames = { kmeans: 'k-means', hierarchical: 'Ward' } as const;

/** The clusters in one line. */
export function noteSegment({ method, quality }: Segmented): string {
  const cold = { kmeans: 'from seeded starts', hierarchical: 'from the tree' }[method];
  const how = { cold, warm: 'from the published centroids', assigned: 'to the published centroids' }[quality.start];
  return `${methodNames[method]}, k = ${quality.k}, silhouette ${quality.silhouette?.toFixed(2) ?? '–'}, ${how}`;
}
