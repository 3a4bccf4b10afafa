import type { Label, Labelling } from '../job/schema.ts';
import { bestMatching, forbid, force, type Matching } from './assignment.ts';
import { explain, unmatchedMessage } from './label-texts.ts';
import type { ClusterProfile } from './profile.ts';

/** How fast a degree falls with the squared distance in percentiles, as fractions. */
const reach = 0.1;
/** Puts earlier labels of the job first where degrees tie, too small to decide anything else. */
const priorityStep = 1e-8;

export type LabelOptions = {
  /** By cluster number. */
  readonly profiles: readonly ClusterProfile[];
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
  | { readonly kind: 'mandatory_missing'; readonly segment: string; readonly message: string };

export type LabelResult = {
  /** By cluster number. */
  readonly clusters: readonly ClusterLabel[];
  /** Any of them holds the run. */
  readonly problems: readonly LabelProblem[];
};

/**
 * Names the clusters by where their medians lie among all customers, never by their numbers.
 *
 * `degree = exp(-d² / 0.1)`, d² summed over the prototype's axes of the difference between the
 * cluster's `pct` and the prototype, both as fractions; a label without a prototype fits anything
 * (degree 1). Each label goes to one cluster at most and each cluster to one label, so that the sum
 * of degrees, with `incumbent_bonus` for the segment a cluster has carried, is highest; a degree below
 * `min_degree` never makes a pair. Where another naming would come within `min_margin` of the total,
 * clusters keep their incumbents as far as that costs less than `min_margin`; equal degrees go by the
 * order of labels in the job. Labels with `when: outlier` take no cluster.
 *
 * A cluster without customers lies nowhere: it keeps its incumbent, which no other cluster gets, and
 * a mandatory label that has only such a cluster is a problem.
 *
 * The names don't depend on the order of clusters or customers.
 */
export function assignLabels(options: LabelOptions): LabelResult {
  const ofClusters = options.labels.filter((label) => label.when === undefined);
  const vacant = options.profiles.filter(({ n }) => n === 0).map((profile) => keepVacant(profile, ofClusters, options));
  const labels = ofClusters.filter(({ segment }) => !vacant.some((cluster) => cluster.segment === segment));
  const order = canonicalOrder(options.profiles);
  const profiles = order.map((cluster) => options.profiles[cluster]!);
  const incumbents = order.map((cluster) =>
    labels.findIndex((label) => label.segment === (options.incumbents?.[cluster] ?? null)),
  );
  const degrees = profiles.map((profile) => labels.map((label) => degreeOf(profile, label)));
  const { min_degree, min_margin, incumbent_bonus } = options.labelling;
  const scores = degrees.map((row, i) =>
    row.map((degree, j) =>
      degree < min_degree || degree === 0
        ? 0
        : degree + (j === incumbents[i] ? incumbent_bonus : 0) + priorityStep * (labels.length - j),
    ),
  );
  const best = bestMatching(scores);
  const chosen = keepIncumbents(scores, best, incumbents, min_margin);
  const named = profiles.map((profile, i) => {
    const column = chosen.columnOf[i] ?? null;
    const margin = column === null ? 0 : Math.max(0, chosen.total - bestMatching(forbid(scores, i, column)).total);
    return describeCluster(profile, { labels, degrees: degrees[i]!, column, margin, min_margin, min_degree });
  });
  const clusters = [...named, ...vacant].toSorted((a, b) => a.cluster - b.cluster);
  return { clusters, problems: problemsOf(clusters, options) };
}

function degreeOf(profile: ClusterProfile, label: Label): number {
  let square = 0;
  for (const [column, target] of Object.entries(label.prototype ?? {})) {
    const feature = profile.features.find((candidate) => candidate.column === column);
    if (!feature) throw new Error(`the profile has no column "${column}", which label ${label.segment} refers to`);
    square += ((feature.pct - target) / 100) ** 2;
  }
  return Math.exp(-square / reach);
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

/** Moves from the best matching towards the incumbents, one cluster at a time, while the total stays within the margin. */
function keepIncumbents(
  scores: readonly (readonly number[])[],
  best: Matching,
  incumbents: readonly number[],
  minMargin: number,
): Matching {
  let kept = best;
  let constrained = scores;
  const challenged = Array.from(incumbents.keys())
    .filter((row) => incumbents[row]! >= 0 && scores[row]![incumbents[row]!]! > 0)
    .sort((a, b) => scores[b]![incumbents[b]!]! - scores[a]![incumbents[a]!]! || a - b);
  for (const row of challenged) {
    const column = incumbents[row]!;
    const narrower = force(constrained, row, column);
    const attempt = bestMatching(narrower);
    if (attempt.columnOf[row] !== column || best.total - attempt.total >= minMargin) continue;
    kept = attempt;
    constrained = narrower;
  }
  return kept;
}

type Description = {
  readonly labels: readonly Label[];
  readonly degrees: readonly number[];
  readonly column: number | null;
  readonly margin: number;
  readonly min_margin: number;
  readonly min_degree: number;
};

function describeCluster(profile: ClusterProfile, description: Description): ClusterLabel {
  const { labels, degrees, column, margin } = description;
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
    ambiguous: column !== null && margin < description.min_margin,
    explanation: explain(profile, { ...named, nearest, minDegree: description.min_degree }),
  };
}

function problemsOf(clusters: readonly ClusterLabel[], { profiles, labels }: LabelOptions): LabelProblem[] {
  const sizeOf = ({ cluster }: ClusterLabel): number => profiles[cluster]!.n;
  const unmatched = clusters
    .filter((cluster) => cluster.segment === null && sizeOf(cluster) > 0)
    .map(({ cluster, explanation }) => {
      const message = unmatchedMessage(profiles[cluster]!, explanation);
      return { kind: 'cluster_unmatched' as const, cluster, message };
    });
  const missing = labels
    .filter(({ mandatory, when }) => mandatory && !when)
    .map(({ segment }) => ({ segment, holder: clusters.find((cluster) => cluster.segment === segment) }))
    .filter(({ holder }) => holder === undefined || sizeOf(holder) === 0)
    .map(({ segment, holder }) => ({
      kind: 'mandatory_missing' as const,
      segment,
      message: holder
        ? `The cluster of the mandatory label ${segment} has no customers.`
        : `No cluster fits the mandatory label ${segment}.`,
    }));
  return [...unmatched, ...missing];
}
