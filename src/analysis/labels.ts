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
  /** Null when no label fits. */
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
 * The names don't depend on the order of clusters or customers.
 */
export function assignLabels(options: LabelOptions): LabelResult {
  const labels = options.labels.filter((label) => label.when === undefined);
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
  const clusters = named.toSorted((a, b) => a.cluster - b.cluster);
  return { clusters, problems: problemsOf(clusters, options) };
}

function degreeOf(profile: ClusterProfile, label: Label): number {
  let square = 0;
  for (const [column, target] of Object.entries(label.prototype ?? {})) {
    const feature = profile.features.find((candidate) => candidate.column === column);
    if (!feature) throw new Error(`the profile has no column "${column}", which label ${label.segment} refers to`);
    square += ((feature.pct - target) / 100) ** 2;
  }
  // An empty cluster has no percentile, hence no meaning.
  return Number.isNaN(square) ? 0 : Math.exp(-square / reach);
}

/** Cluster numbers in an order of their contents. */
function canonicalOrder(profiles: readonly ClusterProfile[]): number[] {
  const keys = profiles.map(({ features, n }) => [
    ...features.flatMap((f) => [f.pct, f.median, f.mean, f.min, f.max]),
    n,
  ]);
  return Array.from(profiles.keys()).sort((a, b) => {
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
  const unmatched = clusters
    .filter(({ segment }) => segment === null)
    .map(({ cluster, explanation }) => {
      const profile = profiles.find((candidate) => candidate.cluster === cluster)!;
      return { kind: 'cluster_unmatched' as const, cluster, message: unmatchedMessage(profile, explanation) };
    });
  const missing = labels
    .filter(({ mandatory, when, segment }) => mandatory && !when && !clusters.some((c) => c.segment === segment))
    .map(({ segment }) => ({
      kind: 'mandatory_missing' as const,
      segment,
      message: `No cluster fits the mandatory label ${segment}.`,
    }));
  return [...unmatched, ...missing];
}
