import { munkres } from 'munkres';

/** Scores are compared to this precision, as whole numbers, so that rounding decides nothing. */
const unit = 1e-9;

export type Matching = {
  /** Per row the column it got, or null. */
  readonly columnOf: readonly (number | null)[];
  readonly total: number;
};

/**
 * Pairs rows with columns, each at most once, so that the total score is highest (Munkres, 1957).
 * A pair that scores 0 or less is never made. Among equal totals the result is the same for the same
 * order of rows and columns, so callers put both into an order that means something.
 */
export function bestMatching(scores: readonly (readonly number[])[]): Matching {
  const columnOf = scores.map((): number | null => null);
  if ((scores[0]?.length ?? 0) === 0) return { columnOf, total: 0 };
  const gains = scores.map((row) => row.map((score) => Math.max(0, Math.round(score / unit))));
  const highest = Math.max(...gains.flat());
  let total = 0;
  for (const [row, column] of munkres(gains.map((gain) => gain.map((value) => highest - value)))) {
    const gain = gains[row]![column]!;
    if (gain === 0) continue;
    columnOf[row] = column;
    total += gain;
  }
  return { columnOf, total: total * unit };
}

/** The scores without one pair. */
export function forbid(scores: readonly (readonly number[])[], row: number, column: number): number[][] {
  return scores.map((values, r) => values.map((score, c) => (r === row && c === column ? 0 : score)));
}

/** The scores with everything else taken from one pair's row and column, so that the pair is made if it scores. */
export function force(scores: readonly (readonly number[])[], row: number, column: number): number[][] {
  return scores.map((values, r) => values.map((score, c) => ((r === row) === (c === column) ? score : 0)));
}
