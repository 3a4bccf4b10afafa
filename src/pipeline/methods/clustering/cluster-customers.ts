import { reasonForMove } from '../../../analysis/decide/reason.ts';
import type { CentroidModel } from '../../../analysis/model.ts';
import type { ClusteringSegments, Job } from '../../../job/schema.ts';
import type { RunContext } from '../../context.ts';
import { outlierLabel } from '../named-segments.ts';
import type { MethodInput, Segmentation } from '../segmentation.ts';
import { buildFeatures, noteFeatures } from './features.ts';
import { explainByTree } from './explain-tree.ts';
import { label, noteLabel } from './label.ts';
import type { NamedClusters } from './name-clusters.ts';
import { noteSegment, segment } from './segment.ts';

/** Scales the features, clusters the customers and names the clusters. */
export async function clusterCustomers(
  context: RunContext,
  segments: ClusteringSegments,
  { separated, model: published, stage }: MethodInput,
): Promise<Segmentation> {
  // The shape of a model names its method, so that only a model of the job's own method comes here.
  const model = published as CentroidModel | undefined;
  const featured = await stage('features', () => buildFeatures(context, separated, model), noteFeatures);
  const segmented = await stage('segment', () => segment(context, { segments, featured, model }), noteSegment);
  const labelled = await stage('label', () => label(context, { separated, featured, segmented, model }), noteLabel);
  const { scales } = featured;
  const { labels } = context.loaded.job;
  const outlierSegment = outlierLabel(context.loaded.job) ?? null;
  const texts = labels.map(({ segment, name, campaign }) => ({ segment, name, campaign: campaign ?? null }));
  return {
    segments: texts,
    segmentOf: labelled.labelOf,
    clusters: labelled.described,
    tree: explainByTree({
      separated,
      features: scales.map(({ column }) => column),
      segments: texts,
      segmentOf: labelled.labelOf,
      seed: segments.seed,
    }),
    exempt: new Set(outlierSegment === null ? [] : [outlierSegment]),
    outlierSegment,
    explanations: explanationsOf(labelled),
    problems: labelled.result.problems.map(({ message }) => message),
    quality: segmented.quality,
    scoring: null,
    notes: segmented.notes,
    scoresOf: () => ({}),
    model: {
      method: segments.method,
      fittedOn: segmented.fittedOn,
      seed: segments.seed,
      silhouetteSq: segmented.quality.silhouette_sq,
      scales,
      clusters: labelled.clusters,
      guards: guardsOf(context.loaded.job),
    },
    refitted: segmented.quality.start !== 'assigned',
    reasonForMove: (before, now) => reasonForMove(scales, before, now),
  };
}

function explanationsOf({ result }: NamedClusters): Map<string, string> {
  const explanations = new Map<string, string>();
  for (const { segment, explanation } of result.clusters) {
    if (segment === null) continue;
    const earlier = explanations.get(segment);
    explanations.set(segment, earlier === undefined ? explanation : `${earlier} ${explanation}`);
  }
  return explanations;
}

function guardsOf({ labels }: Job): CentroidModel['guards'] {
  return labels.flatMap(({ segment, guard, guard_else: otherwise }) =>
    guard && otherwise !== undefined ? [{ segment, condition: guard, otherwise }] : [],
  );
}
