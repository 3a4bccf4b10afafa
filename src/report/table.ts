import { count, duration, measure, percent, signed } from './format.ts';

type Kind = 'text' | 'count' | 'change' | 'share' | 'measure' | 'duration';

export type ReportColumn = {
  readonly title: string;
  /** What the cells hold: how they are written, and on which side they stand. */
  readonly kind: Kind;
};

export type Cell = string | number | null;

/** A table of the report, in numbers: the page writes them for reading, a CSV file as they are. */
export type Table = {
  /** Names its CSV file and its place in the page. */
  readonly id: string;
  readonly title: string;
  /** Long and seldom wanted: it opens at a click. */
  readonly isFolded?: boolean;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** Of the segment that a row is about, its place in the palette; absent where rows are about other things. */
  readonly segmentOfRow?: readonly (number | null)[];
};

const writers: Readonly<Record<Kind, (value: number) => string>> = {
  text: String,
  count,
  change: signed,
  share: percent,
  measure,
  duration,
};

/** A cell for reading; a dash where there is nothing. */
export function cellText(cell: Cell, kind: Kind): string {
  if (cell === null) return '–';
  return typeof cell === 'number' ? writers[kind](cell) : cell;
}
