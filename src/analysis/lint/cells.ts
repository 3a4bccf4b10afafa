import type { Cells, ScoreAxis, TableRow } from '../../job/rfm/table.ts';
import type { RfmAxisName, RfmSettings } from '../../job/rfm/settings.ts';
import { rowFits, type CellScores } from '../rfm/segment-table.ts';

/** How many scores each axis has, and what `value` is. */
export type ScoreGrid = {
  readonly bins: Readonly<Partial<Record<RfmAxisName, number>>>;
  readonly valueAxis: RfmSettings['valueAxis'];
};

/** Something about a table that a person may not have meant. */
type TableFinding = {
  readonly kind: 'overlap' | 'shadowed' | 'impossible' | 'uncovered';
  /** The row that it is about; null for the table. */
  readonly row: number | null;
  readonly message: string;
};

export type TableLint = {
  /** Every combination of scores. */
  readonly cells: number;
  /** Cells that two rows or more fit. */
  readonly overlapping: number;
  /** The digits of cells that no row fits. */
  readonly uncovered: readonly string[];
  /** Cells that each row gets as the first that fits. */
  readonly won: readonly number[];
  readonly findings: readonly TableFinding[];
};

/**
 * Looks at every combination of scores: which rows fit, and which is first. A row is `shadowed` when
 * all that fits it goes to earlier rows, `impossible` when nothing fits it. A table that is total and
 * disjoint has no findings.
 */
export function lintTable(table: readonly TableRow[], grid: ScoreGrid): TableLint {
  const cells = cellsOf(grid);
  const fits = cells.map((cell) => [...table.keys()].filter((row) => rowFits(table[row]!, cell.scores)));
  const won = table.map((_, row) => fits.filter(([first]) => first === row).length);
  const fitting = table.map((_, row) => fits.filter((rows) => rows.includes(row)));
  const overlapping = fits.filter((rows) => rows.length > 1).length;
  const uncovered = cells.filter((_, i) => fits[i]!.length === 0).map(({ digits }) => digits);
  const findings: TableFinding[] = [];
  if (overlapping > 0)
    findings.push({
      kind: 'overlap',
      row: null,
      message: `${overlapping} of ${cells.length} cells fit two rows or more; the first row gets them`,
    });
  for (const row of table.keys()) {
    if (won[row]! > 0) continue;
    const { segment } = table[row]!;
    const winners = [...new Set(fitting[row]!.map(([first]) => table[first!]!.segment))];
    findings.push(
      winners.length > 0
        ? {
            kind: 'shadowed',
            row,
            message: `${segment}: all that fits this row goes to ${winners.join(', ')} above it`,
          }
        : { kind: 'impossible', row, message: `${segment}: no customer can have these scores` },
    );
  }
  if (uncovered.length > 0)
    findings.push({
      kind: 'uncovered',
      row: null,
      message: `${uncovered.length} of ${cells.length} cells fit no row: ${listed(uncovered)}`,
    });
  return { cells: cells.length, overlapping, uncovered, won, findings };
}

/** The ranges of a row as a person reads them: `recency 4-5, value 1`. */
export function rowText({ cells }: TableRow): string {
  return cells.map(cellText).join(' or ');
}

function cellText(cell: Cells): string {
  const axes = Object.entries(cell) as [ScoreAxis, readonly (readonly [number, number])[]][];
  return axes
    .map(
      ([axis, ranges]) => `${axis} ${ranges.map(([low, high]) => (low === high ? low : `${low}-${high}`)).join('/')}`,
    )
    .join(', ');
}

type Cell = { readonly digits: string; readonly scores: CellScores };

function cellsOf({ bins, valueAxis }: ScoreGrid): Cell[] {
  let cells: Cell[] = [{ digits: '', scores: {} }];
  for (const axis of ['recency', 'frequency', 'monetary'] as const) {
    const count = bins[axis];
    if (count === undefined) continue;
    cells = cells.flatMap(({ digits, scores }) =>
      Array.from({ length: count }, (_, i) => ({ digits: `${digits}${i + 1}`, scores: { ...scores, [axis]: i + 1 } })),
    );
  }
  return cells.map(({ digits, scores }) => ({ digits, scores: { ...scores, value: valueOf(scores, valueAxis) } }));
}

function valueOf({ frequency = 0, monetary = frequency }: CellScores, valueAxis: ScoreGrid['valueAxis']): number {
  if (valueAxis === 'frequency') return frequency;
  const mean = (frequency + monetary) / 2;
  return valueAxis === 'mean' ? mean : Math.floor(mean + 0.5);
}

function listed(digits: readonly string[]): string {
  const shown = digits.slice(0, 20).join(' ');
  return digits.length > 20 ? `${shown} …` : shown;
}
