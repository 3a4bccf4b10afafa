import type { SegmentText } from '../../../analysis/decide/diff.ts';
import { assignLabels, type LabelResult } from '../../../analysis/labels/assign-labels.ts';
import { matchLineage, type Lineage } from '../../../analysis/lineage.ts';
import { columnNamed } from '../../../analysis/matrix.ts';
import type { CentroidModel, Cluster } from '../../../analysis/model.ts';
import { profileClusters, type ClusterProfile } from '../../../analysis/profile.ts';
import type { RunContext } from '../../context.ts';
import type { Featured } from './features.ts';
import { finiteOrNull } from '../../finite.ts';
import type { Separated } from '../../outliers.ts';
import type { Segmented } from './segment.ts';

export type Labelled = {
  /** Every label of the job, in its order. */
  readonly segments: readonly SegmentText[];
  /** Index into `segments` of each customer; -1 where its cluster has no name. */
  readonly segmentOf: Int32Array;
  readonly result: LabelResult;
  readonly clusters: readonly Cluster[];
};

/** Gives every cluster the name that fits where it lies, and every outlier the outliers' label. */
export function label(context: RunContext, stages: LabelInput): Labelled {
  const { separated, featured, segmented, model } = stages;
  const { job } = context.loaded;
  const { k } = segmented;
  const clusterOf = new Int32Array(separated.customers.rowCount).fill(-1);
  for (const [i, row] of featured.fitRows.entries()) clusterOf[row] = segmented.labels[i]!;
  const featureColumns = featured.scales.map(({ column }) => columnNamed(separated.columns, column));
  const profiles = profileClusters(featureColumns, clusterOf, k);
  const published = model?.clusters ?? [];
  const lineage = matchLineage({ centroids: segmented.centroids, k, published, newUidPrefix: context.runId });
  const incumbents = lineage.uids.map((uid) => published.find((cluster) => cluster.uid === uid)?.segment ?? null);
  const result = assignLabels({ profiles, labels: job.labels, labelling: job.labelling, incumbents });
  const segments = job.labels.map(({ segment, name, campaign }) => ({ segment, name, campaign: campaign ?? null }));
  const indexOf = (slug: string | null): number => segments.findIndex(({ segment }) => segment === slug);
  const ofCluster = result.clusters.map((cluster) => indexOf(cluster.segment));
  const outlierIndex = job.labels.findIndex(({ when }) => when === 'outlier');
  const segmentOf = clusterOf.map((cluster) => (cluster < 0 ? outlierIndex : ofCluster[cluster]!));
  return { segments, segmentOf, result, clusters: clustersOf({ segmented, profiles, lineage, result }) };
}

export type LabelInput = {
  readonly separated: Separated;
  readonly featured: Featured;
  readonly segmented: Segmented;
  readonly model: CentroidModel | undefined;
};

/** The labelling in one line. */
export function noteLabel({ result }: Labelled): string {
  const named = result.clusters.filter(({ segment }) => segment !== null).length;
  const problems = result.problems.map(({ message }) => message);
  return [`${named} of ${result.clusters.length} named`, ...problems].join(' · ');
}

type Named = { segmented: Segmented; profiles: readonly ClusterProfile[]; lineage: Lineage; result: LabelResult };

function clustersOf({ segmented, profiles, lineage, result }: Named): Cluster[] {
  const width = segmented.centroids.length / segmented.k;
  return profiles.map(({ cluster, features }) => ({
    uid: lineage.uids[cluster]!,
    segment: result.clusters[cluster]!.segment ?? '',
    centroid: [...segmented.centroids.subarray(cluster * width, (cluster + 1) * width)],
    center: features.map(({ mean }) => finiteOrNull(mean)),
  }));
}
