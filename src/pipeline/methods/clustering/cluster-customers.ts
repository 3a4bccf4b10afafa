import { reasonForMove } from '../../../analysis/decide/reason.ts';
import type { CentroidModel, FeatureScale } from '../../../analysis/model.ts';
import type { ClusteringSegments } from '../../../job/schema.ts';
import type { RunContext } from '../../context.ts';
import { outlierLabel } from '../named-segments.ts';
import type { MethodInput, Segmentation } from '../segmentation.ts';
import { codeTexts, textsOf } from './code-texts.ts';
import { divideSegments, leafSegments, noteDivide } from './divide.ts';
import { findClusters } from './find-clusters.ts';
import { explainByTree } from './explain-tree.ts';
import { guardsOf } from './guards.ts';
import { label, noteLabel } from './label.ts';
import type { NamedClusters } from './name-clusters.ts';

/** Scales the features, clusters the customers and names the clusters. */
export async function clusterCustomers(
  context: RunContext,
  segments: ClusteringSegments,
  { separated: read, model: published, stage, fitted }: MethodInput,
): Promise<Segmentation> {
  // The shape of a model names its method, so that only a model of the job's own method comes here.
  const model = published as CentroidModel | undefined;
  const { labels, features } = context.loaded.job;
  const known = fitted?.method === 'kmeans' ? fitted.scales : model?.scales;
  const { separated, notes } = codeTexts(read, features, known);
  const found = await findClusters(context, segments, { separated, model, stage, fitted });
  const { segmented, findings, scales } = found;
  const naming = { labels, published: model?.clusters ?? [], uidPrefix: context.runId };
  const labelled = await stage('label', () => label(context, { separated, ...found, ...naming }), noteLabel);
  const isDivided = labels.some(({ children }) => children);
  const parts = { segments, separated, labelOf: labelled.labelOf, model };
  const divisions = isDivided ? await stage('divide', () => divideSegments(context, parts), noteDivide) : [];
  const children = divisions.map((division) => division.model).filter((child) => child !== undefined);
  const leaves = leafSegments(labels, labelled.labelOf, divisions);
  const named = [labelled, ...divisions.map((division) => division.named).filter((each) => each !== null)];
  const allScales = [scales, ...children.map((child) => child.scales)].flat();
  const outlierSegment = outlierLabel(context.loaded.job) ?? null;
  return {
    ...leaves,
    clusters: named.flatMap(({ described }) => described),
    tree: explainByTree({
      separated,
      features: [...new Set(allScales.map(({ column }) => column))],
      ...leaves,
      seed: segments.seed,
    }),
    exempt: new Set(outlierSegment === null ? [] : [outlierSegment]),
    outlierSegment,
    explanations: explanationsOf(named),
    problems: [
      ...labelled.result.problems.map(({ message }) => message),
      ...divisions.flatMap(({ problems }) => problems),
    ],
    quality: segmented.quality,
    kCurve: segmented.kCurve,
    scoring: null,
    findings,
    notes: [...notes, ...findings.map(({ message }) => message), ...segmented.notes],
    scoresOf: textsOf(separated),
    model: {
      method: segments.method,
      fittedOn: segmented.fittedOn,
      seed: segments.seed,
      silhouetteSq: segmented.quality.silhouette_sq,
      scales,
      clusters: labelled.clusters,
      guards: guardsOf(labels),
      ...(children.length > 0 ? { children } : {}),
    },
    refitted: segmented.quality.start !== 'assigned',
    reasonForMove: moveReasons(allScales),
  };
}

/** Apart from `clusterCustomers`: a function made there would keep all of its lists for the rest of the night. */
function moveReasons(scales: readonly FeatureScale[]): Segmentation['reasonForMove'] {
  return (before, now) => reasonForMove(scales, before, now);
}

function explanationsOf(named: readonly NamedClusters[]): Map<string, string> {
  const explanations = new Map<string, string>();
  for (const { segment, explanation } of named.flatMap(({ result }) => result.clusters)) {
    if (segment === null) continue;
    const earlier = explanations.get(segment);
    explanations.set(segment, earlier === undefined ? explanation : `${earlier} ${explanation}`);
  }
  return explanations;
}
