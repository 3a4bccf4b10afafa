import type { Job } from '../../job/schema.ts';
import type { KEvidence, KFigures } from './choose-k.ts';

export type KBounds = {
  /** As many clusters as mandatory labels, and at least three where the labels allow it. */
  readonly least: number;
  /** No more clusters than labels, and no more than eight. */
  readonly most: number;
};

/** How many clusters the labels of a job can and must name. */
export function kBounds({ labels, labelling }: Pick<Job, 'labels' | 'labelling'>): KBounds {
  const ofClusters = labels.filter(({ when }) => when !== 'outlier');
  const most = labelling.cardinality === 'one_to_one' ? Math.min(mostClusters, ofClusters.length) : mostClusters;
  const mandatory = ofClusters.filter(({ mandatory }) => mandatory).length;
  return { least: Math.min(most, Math.max(3, mandatory)), most };
}

const mostClusters = 8;

type Criterion = 'silhouette' | 'davies_bouldin' | 'calinski_harabasz' | 'gap' | 'knee';

export type KProposal = {
  /** Null when no k within the bounds has clusters that are large and stable enough. */
  readonly proposed: number | null;
  /** The k that each criterion prefers; null where it prefers none within the bounds. */
  readonly votes: Readonly<Record<Criterion, number | null>>;
  /** One line for a person. */
  readonly verdict: string;
  /** What to be wary of at the k in use, or at the proposed one. */
  readonly warnings: readonly string[];
};

const leastShare = 0.02;
const leastStability = 0.75;
const warnSilhouette = 0.25;
const warnShare = 0.01;

/**
 * Proposes the k that most criteria prefer (ties: the smallest), among those within the bounds whose
 * smallest cluster has 2 % of the rows and whose least stable cluster has a Jaccard similarity of 0.75:
 * the highest silhouette (squared distances, all rows), the lowest Davies-Bouldin, the highest
 * Caliński-Harabasz among them, and gap and knee where they point to one of them. `current` is the k in
 * use. Criteria disagree on real data; the verdict says how.
 */
export function proposeK(evidence: KEvidence, bounds: KBounds, current?: number): KProposal {
  const admissible = evidence.figures.filter(
    ({ k, smallestShare, stability }) =>
      k >= bounds.least && k <= bounds.most && smallestShare >= leastShare && stability >= leastStability,
  );
  const pointed = (k: number | undefined): number | null =>
    k !== undefined && admissible.some((each) => each.k === k) ? k : null;
  const votes = {
    silhouette: bestBy(admissible, ({ silhouetteSq }) => silhouetteSq),
    davies_bouldin: bestBy(admissible, ({ daviesBouldin }) => -daviesBouldin),
    calinski_harabasz: bestBy(admissible, ({ calinskiHarabasz }) => calinskiHarabasz),
    gap: pointed(evidence.gapChoice),
    knee: pointed(evidence.knee),
  };
  const count = (k: number): number => Object.values(votes).filter((vote) => vote === k).length;
  const proposed = bestBy(admissible, ({ k }) => count(k));
  const subject = current ?? proposed;
  const range = { first: evidence.figures[0]!.k, last: evidence.figures.at(-1)!.k };
  return {
    proposed,
    votes,
    verdict: verdictOf({ proposed, votes, current, bounds, range, figures: evidence.figures }),
    warnings: subject === null ? [] : warningsOf(evidence, bounds, subject),
  };
}

/** The k with the highest score; ties: the smallest. */
function bestBy(figures: readonly KFigures[], scoreOf: (figures: KFigures) => number): number | null {
  let best: KFigures | undefined;
  for (const each of figures) if (!best || scoreOf(each) > scoreOf(best)) best = each;
  return best?.k ?? null;
}

type Verdict = Pick<KProposal, 'proposed' | 'votes'> & {
  readonly current: number | undefined;
  readonly bounds: KBounds;
  readonly range: { readonly first: number; readonly last: number };
  readonly figures: readonly KFigures[];
};

function verdictOf({ proposed, votes, current, bounds, range, figures }: Verdict): string {
  if (proposed === null) {
    return `No k from ${bounds.least} to ${bounds.most} has clusters of at least ${100 * leastShare} % that are found again in samples (Jaccard ${leastStability}).`;
  }
  const names: Record<Criterion, string> = {
    silhouette: 'silhouette',
    davies_bouldin: 'Davies-Bouldin',
    calinski_harabasz: 'Calinski-Harabasz',
    gap: 'gap',
    knee: `knee (${range.first}–${range.last})`,
  };
  const criteria = Object.keys(names) as Criterion[];
  const voters = (k: number): string[] => criteria.filter((name) => votes[name] === k).map((name) => names[name]);
  const subject = current ?? proposed;
  const others = [...new Set(criteria.map((name) => votes[name]))]
    .filter((k) => k !== null && k !== subject)
    .toSorted((a, b) => a! - b!)
    .map((k) => `${joined(voters(k!))} ${voters(k!).length === 1 ? 'prefers' : 'prefer'} ${k}`);
  const stability = figures.find(({ k }) => k === subject)?.stability;
  const found = stability === undefined ? [] : [`least stable cluster: Jaccard ${stability.toFixed(2)}`];
  const own = voters(subject);
  const support = own.length === 0 ? 'no criterion prefers it' : `best by ${joined(own)}`;
  const head =
    current === undefined || current === proposed ? `k = ${proposed}` : `k = ${current}, proposed: ${proposed}`;
  return `${head}: ${[support, ...others, ...found].join('; ')}.`;
}

function joined(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function warningsOf({ figures, distinctRows }: KEvidence, bounds: KBounds, k: number): string[] {
  const warnings: string[] = [];
  if (distinctRows <= 3 * k) {
    const kinds = `The customers have only ${distinctRows} different sets of features`;
    warnings.push(`${kinds}: k = ${k} groups those, and indices such as the silhouette mean little.`);
  }
  const at = figures.find((each) => each.k === k);
  if (!at) return warnings;
  if (at.stability < leastStability)
    warnings.push(`At k = ${k} a cluster is not found again in samples (Jaccard ${at.stability.toFixed(2)}).`);
  if (at.silhouetteSq < warnSilhouette)
    warnings.push(`At k = ${k} the clusters hardly lie apart (silhouette_sq ${at.silhouetteSq.toFixed(2)}).`);
  if (at.smallestShare < warnShare)
    warnings.push(`At k = ${k} a cluster has only ${(100 * at.smallestShare).toFixed(2)} % of the customers.`);
  if (k > bounds.most) warnings.push(`k = ${k} is more than ${bounds.most}, which the labels can name.`);
  if (k < bounds.least) warnings.push(`k = ${k} is fewer than ${bounds.least}, which the labels ask for.`);
  return warnings;
}
