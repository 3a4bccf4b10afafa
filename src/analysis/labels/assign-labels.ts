import type { Label, Labelling } from '../../job/schema.ts';
import type { FigureOf } from '../cluster-figures.ts';
import type { ClusterProfile } from '../profile.ts';
import { clusterDegree } from './degrees.ts';
import { matchLabels } from './matching.ts';
import { ambiguousMessage, explain, unmatchedMessage } from './texts.ts';

export type LabelOptions = {
  /** By cluster number. */
  readonly profiles: readonly ClusterProfile[];
  /** What conditions in `when` are about; needed if there are any. */
  readonly figureOf?: FigureOf;
  readonly labels: readonly Label[];
  readonly labelling: Labelling;
  /** Per cluster: the segment that its lineage uid carried in the published model. */
  readonly incumbents?: readonly (string | null)[];
};

type ClusterLabel = {
  readonly cluster: number;
  /** Null when no label fits; a cluster without customers has its incumbent. */
  readonly segment: string | null;
  /** Of the segment, or of the nearest label when none fits; without the incumbent's bonus. */
  readonly degree: number;
  /** The label with the next highest degree. */
  readonly second: { readonly segment: string; readonly degree: number } | null;
  /** How much the total would lose at least if the cluster had not this segment; 0 when none fits. */
  readonly margin: number;
  /** The margin is below `min_margin`: the incumbent was kept, or without one the best total decided. */
  readonly ambiguous: boolean;
  readonly explanation: string;
};

type LabelProblem =
  | { readonly kind: 'cluster_unmatched'; readonly cluster: number; readonly message: string }
  | { readonly kind: 'cluster_ambiguous'; readonly cluster: number; readonly message: string }
  | { readonly kind: 'mandatory_missing'; readonly segment: string; readonly message: string };

export type LabelResult = {
  /** By cluster number. */
  readonly clusters: readonly ClusterLabel[];
  /** Any of them holds the run. */
  readonly problems: readonly LabelProblem[];
};

/**
 * Names the clusters by where they lie among all customers, never by their numbers.
 *
 * The degree to which a cluster fits a label is `exp(-d² / 0.1)`, d² summed over the prototype's axes
 * of the difference between the cluster's `pct` and the prototype, both as fractions, times the
 * degree of `when`; a part that is not written counts 1. Under `one_to_one` each label goes to one
 * cluster at most and each cluster to one label, so that the sum of degrees, with `incumbent_bonus`
 * for the segment a cluster has carried, is highest; under `many_to_one` each cluster takes its best
 * label, under `first_match` the first that fits. A degree below `min_degree` never makes a pair.
 * Where another naming would come within `min_margin`, `ambiguous` decides: clusters keep their
 * incumbents as far as that costs less than `min_margin`, or the best total counts, or the run is
 * held; equal degrees go by the order of labels in the job. `when: outlier` takes no cluster.
 *
 * A cluster without customers lies nowhere: it keeps its incumbent, which under `one_to_one` no other
 * cluster gets, and a mandatory label that has only such a cluster is a problem.
 *
 * The names don't depend on the order of clusters or customers.
 */
export function assignLabels(options: LabelOptions): LabelResult {
  const { labelling } = options;
  const ofClusters = options.labels.filter((label) => label.when !== 'outlier');
  const vacant = options.profiles.filter(({ n }) => n === 0).map((profile) => keepVacant(profile, ofClusters, options));
  const isTaken = ({ segment }: Label): boolean => vacant.some((cluster) => cluster.segment === segment);
  const labels = labelling.cardinality === 'one_to_one' ? ofClusters.filter((label) => !isTaken(label)) : ofClusters;
  const order = canonicalOrder(options.profiles);
  const profiles = order.map((cluster) => options.profiles[cluster]!);
  const incumbents = order.map((cluster) =>
    labels.findIndex((label) => label.segment === (options.incumbents?.[cluster] ?? null)),
  );
  const figureOf = options.figureOf ?? noFigures;
  const degrees = profiles.map((profile) => labels.map((label) => clusterDegree(profile, label, figureOf)));
  const matches = matchLabels({ degrees, incumbents, labelling });
  const named = profiles.map((profile, i) =>
    describeCluster(profile, { labels, degrees: degrees[i]!, ...matches[i]!, labelling, figureOf }),
  );
  const clusters = [...named, ...vacant].toSorted((a, b) => a.cluster - b.cluster);
  return { clusters, problems: problemsOf(clusters, options) };
}

function noFigures(): never {
  throw new Error('a label has a condition, but no figures were given');
}

function keepVacant({ cluster }: ClusterProfile, labels: readonly Label[], { incumbents }: LabelOptions): ClusterLabel {
  const segment = labels.find((label) => label.segment === incumbents?.[cluster])?.segment ?? null;
  const explanation = segment === null ? 'no customers tonight' : `no customers tonight; keeps ${segment} as published`;
  return { cluster, segment, degree: 0, second: null, margin: 0, ambiguous: false, explanation };
}

/** Numbers of the clusters that have customers, in an order of their contents. */
function canonicalOrder(profiles: readonly ClusterProfile[]): number[] {
  const keys = profiles.map(({ features, n }) => [
    ...features.flatMap((f) => [f.pct, f.median, f.mean, f.min, f.max]),
    n,
  ]);
  const filled = Array.from(profiles.keys()).filter((cluster) => profiles[cluster]!.n > 0);
  return filled.sort((a, b) => {
    const at = keys[a]!.findIndex((value, i) => value !== keys[b]![i]);
    return at < 0 ? a - b : keys[a]![at]! - keys[b]![at]!;
  });
}

type Description = {
  readonly labels: readonly Label[];
  readonly degrees: readonly number[];
  readonly column: number | null;
  readonly margin: number;
  readonly labelling: Labelling;
  readonly figureOf: FigureOf;
};

function describeCluster(profile: ClusterProfile, description: Description): ClusterLabel {
  const { labels, degrees, column, margin, labelling, figureOf } = description;
  const ranked = Array.from(labels.keys()).sort((a, b) => degrees[b]! - degrees[a]! || a - b);
  const shown = column ?? ranked[0];
  const next = ranked.find((other) => other !== shown);
  const named = {
    segment: column === null ? null : labels[column]!.segment,
    degree: shown === undefined ? 0 : degrees[shown]!,
    second: next === undefined ? null : { segment: labels[next]!.segment, degree: degrees[next]! },
  };
  const nearest = shown === undefined ? undefined : labels[shown];
  return {
    cluster: profile.cluster,
    ...named,
    margin,
    ambiguous: column !== null && margin < labelling.min_margin,
    explanation: explain(profile, { ...named, nearest, minDegree: labelling.min_degree, figureOf }),
  };
}

function problemsOf(clusters: readonly ClusterLabel[], { profiles, labels, labelling }: LabelOptions): LabelProblem[] {
  const sizeOf = ({ cluster }: ClusterLabel): number => profiles[cluster]!.n;
  const unmatched = clusters
    .filter((cluster) => cluster.segment === null && sizeOf(cluster) > 0 && labelling.unmatched === 'hold')
    .map(({ cluster, explanation }) => {
      const message = unmatchedMessage(profiles[cluster]!, explanation);
      return { kind: 'cluster_unmatched' as const, cluster, message };
    });
  const ambiguous = clusters
    .filter((cluster) => cluster.ambiguous && labelling.ambiguous === 'hold')
    .map(({ cluster, explanation }) => {
      const message = ambiguousMessage(profiles[cluster]!, explanation);
      return { kind: 'cluster_ambiguous' as const, cluster, message };
    });
  const missing = labels
    .filter(({ mandatory, when }) => mandatory && when !== 'outlier')
    .map(({ segment }) => ({ segment, holder: clusters.find((cluster) => cluster.segment === segment) }))
    .filter(({ holder }) => holder === undefined || sizeOf(holder) === 0)
    .map(({ segment, holder }) => ({
      kind: 'mandatory_missing' as const,
      segment,
      message: holder
        ? `The cluster of the mandatory label ${segment} has no customers.`
        : `No cluster fits the mandatory label ${segment}.`,
    }));
  return [...unmatched, ...ambiguous, ...missing];
}
