import type { Labelling } from '../../job/schema.ts';
import { bestMatching, forbid, force, type Matching } from '../assignment.ts';

/** Puts earlier labels of the job first where degrees tie, too small to decide anything else. */
const priorityStep = 1e-8;

type Scores = readonly (readonly number[])[];

export type MatchInput = {
  /** Cluster by label. */
  readonly degrees: Scores;
  /** Per cluster the index of the label it has carried, -1 for none. */
  readonly incumbents: readonly number[];
  readonly labelling: Labelling;
};

export type Match = {
  /** Index of the label; null for none. */
  readonly column: number | null;
  /** How much is lost at least if the cluster has another label or none. */
  readonly margin: number;
};

/** Pairs clusters with labels as `cardinality` says; a degree below `min_degree` never makes a pair. */
export function matchLabels(input: MatchInput): Match[] {
  const { min_degree, incumbent_bonus, cardinality } = input.labelling;
  const scores = input.degrees.map((row, i) =>
    row.map((degree, j) =>
      degree < min_degree || degree === 0
        ? 0
        : degree + (j === input.incumbents[i] ? incumbent_bonus : 0) + priorityStep * (row.length - j),
    ),
  );
  switch (cardinality) {
    case 'one_to_one':
      return matchOneToOne(scores, input);
    case 'many_to_one':
      return scores.map((row, i) => bestOf(row, input.incumbents[i]!, input.labelling));
    case 'first_match':
      return scores.map((row) => {
        const column = row.findIndex((score) => score > 0);
        return column < 0 ? { column: null, margin: 0 } : { column, margin: row[column]! };
      });
  }
}

function matchOneToOne(scores: Scores, { incumbents, labelling }: MatchInput): Match[] {
  const best = bestMatching(scores);
  const chosen =
    labelling.ambiguous === 'incumbent' ? keepIncumbents(scores, best, incumbents, labelling.min_margin) : best;
  return scores.map((_, row) => {
    const column = chosen.columnOf[row] ?? null;
    const margin = column === null ? 0 : Math.max(0, chosen.total - bestMatching(forbid(scores, row, column)).total);
    return { column, margin };
  });
}

/** Moves from the best matching towards the incumbents, one cluster at a time, while the total stays within the margin. */
function keepIncumbents(scores: Scores, best: Matching, incumbents: readonly number[], minMargin: number): Matching {
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

function bestOf(row: readonly number[], incumbent: number, { ambiguous, min_margin }: Labelling): Match {
  const ranked = Array.from(row.keys())
    .filter((column) => row[column]! > 0)
    .sort((a, b) => row[b]! - row[a]!);
  const best = ranked[0];
  if (best === undefined) return { column: null, margin: 0 };
  const keeps = ambiguous === 'incumbent' && ranked.includes(incumbent) && row[best]! - row[incumbent]! < min_margin;
  const column = keeps ? incumbent : best;
  const next = ranked.find((other) => other !== column);
  return { column, margin: Math.max(0, row[column]! - (next === undefined ? 0 : row[next]!)) };
}
