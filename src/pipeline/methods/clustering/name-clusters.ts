import { matchRows } from '../../../analysis/expression/match-rows.ts';
import { clusterFigures } from '../../../analysis/cluster-figures.ts';
import { assignLabels, type LabelResult } from '../../../analysis/labels/assign-labels.ts';
import { memberAgreement, type MemberAgreement } from '../../../analysis/labels/members.ts';
import { matchLineage, type Lineage } from '../../../analysis/lineage.ts';
import { columnNamed, type NumericColumn } from '../../../analysis/matrix.ts';
import type { Cluster } from '../../../analysis/model.ts';
import { profileClusters, type ClusterProfile } from '../../../analysis/profile.ts';
import type { Frame } from '../../../frame/frame.ts';
import type { Label, Labelling } from '../../../job/schema.ts';
import { finiteOrNull } from '../../finite.ts';

export type NamingInput = {
  readonly labels: readonly Label[];
  readonly labelling: Labelling;
  /** All customers that percentiles are about, those outside the fit included. */
  readonly customers: Frame;
  /** Their number columns. */
  readonly columns: readonly NumericColumn[];
  /** The clustered ones, in the order of the centroids. */
  readonly features: readonly string[];
  /** Whose sums make shares of revenue. */
  readonly value: NumericColumn | undefined;
  /** A cluster number per customer, -1 outside the fit. */
  readonly clusterOf: Int32Array;
  readonly k: number;
  /** Row-major, in the frozen scale. */
  readonly centroids: Float64Array;
  readonly published: readonly Cluster[];
  readonly newUidPrefix: string;
};

/** A cluster as a run describes it. */
export type ClusterSummary = {
  readonly uid: string;
  /** Null where no label fits. */
  readonly segment: string | null;
  readonly customers: number;
  readonly degree: number;
  readonly second: { readonly segment: string; readonly degree: number } | null;
  readonly margin: number;
  readonly ambiguous: boolean;
  /** Share of its customers that satisfy its label themselves. */
  readonly purity: number | null;
  /** How far its centroid is from the published one, in the frozen scale; null for a new cluster. */
  readonly shift: number | null;
  readonly explanation: string;
};

export type NamedClusters = {
  /** Index into the labels of each customer; -1 outside the fit and where its cluster has no name. */
  readonly labelOf: Int32Array;
  readonly result: LabelResult;
  /** For the model. */
  readonly clusters: readonly Cluster[];
  /** For the summary. */
  readonly described: readonly ClusterSummary[];
  readonly agreement: MemberAgreement;
  /** Uids of published clusters that none continues. */
  readonly retired: readonly string[];
};

/** Names clusters, sends customers that fail their label's guard to the other segment, and keeps the clusters' identities. */
export function nameClusters(input: NamingInput): NamedClusters {
  const { labels, labelling, customers, columns, clusterOf, k, published, centroids, newUidPrefix } = input;
  const featureColumns = input.features.map((name) => columnNamed(columns, name));
  const profiles = profileClusters(featureColumns, clusterOf, k);
  const lineage = matchLineage({ centroids, k, published, newUidPrefix });
  const incumbents = lineage.uids.map((uid) => published.find((cluster) => cluster.uid === uid)?.segment ?? null);
  const figureOf = clusterFigures({ columns, customers: customers.columns, clusterOf, k, value: input.value });
  const result = assignLabels({ profiles, figureOf, labels, labelling, incumbents });
  const ofCluster = result.clusters.map(({ segment }) => labels.findIndex((label) => label.segment === segment));
  const named = clusterOf.map((cluster) => (cluster < 0 ? -1 : ofCluster[cluster]!));
  const agreement = memberAgreement({
    columns,
    customers: customers.columns,
    clusterOf,
    segments: result.clusters.map(({ segment }) => segment),
    labels: labels.filter(({ when }) => when !== 'outlier'),
    minDegree: labelling.min_degree,
  });
  const parts = { input, profiles, lineage, result };
  return {
    labelOf: applyGuards(labels, named, customers),
    result,
    clusters: clustersOf(parts),
    described: describe(parts, agreement),
    agreement,
    retired: lineage.retired,
  };
}

/** A customer that fails the guard of its label gets the label's `guard_else`, whose own guard it is not held against. */
function applyGuards(labels: readonly Label[], named: Int32Array, { columns, rowCount }: Frame): Int32Array {
  const labelOf = named.slice();
  for (const [index, { guard, guard_else: otherwise }] of labels.entries()) {
    if (!guard) continue;
    const other = labels.findIndex(({ segment }) => segment === otherwise);
    const passes = matchRows(columns, guard, rowCount);
    for (let row = 0; row < rowCount; row++) if (named[row] === index && passes[row] === 0) labelOf[row] = other;
  }
  return labelOf;
}

type Parts = {
  readonly input: NamingInput;
  readonly profiles: readonly ClusterProfile[];
  readonly lineage: Lineage;
  readonly result: LabelResult;
};

function clustersOf({ input, profiles, lineage, result }: Parts): Cluster[] {
  const width = input.centroids.length / input.k;
  return profiles.map(({ cluster, features }) => ({
    uid: lineage.uids[cluster]!,
    segment: result.clusters[cluster]!.segment ?? '',
    centroid: [...input.centroids.subarray(cluster * width, (cluster + 1) * width)],
    center: features.map(({ mean }) => finiteOrNull(mean)),
  }));
}

function describe({ profiles, lineage, result }: Parts, { purity }: MemberAgreement): ClusterSummary[] {
  return result.clusters.map(({ cluster, ...named }) => ({
    uid: lineage.uids[cluster]!,
    ...named,
    customers: profiles[cluster]!.n,
    purity: purity[cluster]!,
    shift: lineage.distances[cluster]!,
  }));
}
