import type { Cells, ScoreAxis, ScoreRange, TableRow } from '../../job/rfm/table.ts';
import type { RfmScores } from './scoring.ts';

/** The scores of one customer, or of one cell of a table. */
export type CellScores = Readonly<Partial<Record<ScoreAxis, number>>>;

/** Whether a row of a table takes these scores: closed ranges; an axis without a score fits nothing. */
export function rowFits({ cells }: TableRow, scores: CellScores): boolean {
  return cells.some((cell) => cellFits(cell, scores));
}

/** The first row that takes each customer's scores, or -1. Scores decide alone, so equal ones are looked up once. */
export function firstRows(table: readonly TableRow[], { byAxis, value }: RfmScores): Int32Array {
  const { recency, frequency, monetary } = byAxis;
  const known = new Map<number, number>();
  return Int32Array.from({ length: value.length }, (_, i) => {
    const key = ((recency?.[i] ?? 0) * 10 + (frequency?.[i] ?? 0)) * 10 + (monetary?.[i] ?? 0);
    const found = known.get(key) ?? table.findIndex((row) => rowFits(row, scoresAt({ byAxis, value }, i)));
    known.set(key, found);
    return found;
  });
}

function scoresAt({ byAxis, value }: Pick<RfmScores, 'byAxis' | 'value'>, i: number): CellScores {
  const axes = Object.entries(byAxis).map(([axis, scores]) => [axis, scores[i]!] as const);
  return { ...Object.fromEntries(axes), value: value[i]! };
}

function cellFits(cell: Cells, scores: CellScores): boolean {
  const axes = Object.entries(cell) as [ScoreAxis, readonly ScoreRange[]][];
  return axes.every(([axis, ranges]) => {
    const score = scores[axis];
    return score !== undefined && ranges.some(([low, high]) => score >= low && score <= high);
  });
}
