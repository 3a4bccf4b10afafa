import type { NumericColumn } from '../../analysis/matrix.ts';
import type { Fence, Model } from '../../analysis/model.ts';
import { clipToFences, fitFences, markOutliers } from '../../analysis/outliers.ts';
import { columnOf, takeFrameRows, type Frame } from '../../frame/frame.ts';
import type { ReadContext } from '../context.ts';
import type { Checked } from './check.ts';

export type Separated = {
  readonly customers: Frame;
  /** Number columns of the customers, as the source has them: what is published and described. */
  readonly columns: readonly NumericColumn[];
  /** The same as the fit sees them: clipped where the job says so. */
  readonly fitColumns: readonly NumericColumn[];
  readonly fences: readonly Fence[];
  /** 1 marks a customer that is kept out of the fit and tagged as an outlier. */
  readonly isOutlier: Uint8Array;
  readonly tagged: number;
  readonly clipped: number;
  readonly dropped: number;
  /** 1 marks a checked customer that was dropped; absent where the job drops none. */
  readonly isDropped?: Uint8Array;
};

/** Keeps extreme customers apart from the fit, by the fences that there are already: those published, or those of the warehouse. */
export function separateOutliers(
  context: ReadContext,
  { customers }: Checked,
  known: Pick<Model, 'fences'> | undefined,
): Separated {
  const { outliers } = context.loaded.job;
  const columns = numericColumns(customers);
  const nobody = new Uint8Array(customers.rowCount);
  const counts = { tagged: 0, clipped: 0, dropped: 0 };
  const none = { customers, columns, fitColumns: columns, fences: [], isOutlier: nobody, ...counts };
  if (!outliers) return none;
  const fences = known?.fences ?? fitFences(columns, outliers);
  const marks = markOutliers(columns, fences);
  const found = marks.reduce((sum, mark) => sum + mark, 0);
  switch (outliers.action) {
    case 'tag':
      return { ...none, fences, isOutlier: marks, tagged: found };
    case 'clip':
      return { ...none, fences, fitColumns: clipToFences(columns, fences), clipped: found };
    case 'drop': {
      const kept = takeFrameRows(customers, rowsMarked(marks, 0));
      const left = numericColumns(kept);
      const isOutlier = new Uint8Array(kept.rowCount);
      return {
        ...none,
        fences,
        customers: kept,
        columns: left,
        fitColumns: left,
        isOutlier,
        dropped: found,
        isDropped: marks,
      };
    }
  }
}

/** The separation in one line. */
export function noteOutliers({ tagged, clipped, dropped, fences }: Separated): string {
  if (fences.length === 0) return 'none kept apart';
  const bounds = fences.flatMap(({ column, low, high }) => [
    ...(low === null ? [] : [`${column} below ${round(low)}`]),
    ...(high === null ? [] : [`${column} above ${round(high)}`]),
  ]);
  const what =
    dropped > 0
      ? `${count(dropped)} dropped`
      : clipped > 0
        ? `${count(clipped)} clipped`
        : `${count(tagged)} kept apart`;
  return `${what} (${bounds.join(', ')})`;
}

/** The number columns of a frame, in its order. */
function numericColumns(frame: Frame): NumericColumn[] {
  return [...frame.columns]
    .filter(([, column]) => column.kind === 'number')
    .map(([name]) => ({ name, values: columnOf(frame, name, 'number').values }));
}

/** The rows that carry this mark, ascending. */
export function rowsMarked(marks: Uint8Array, mark: 0 | 1): Uint32Array {
  const rows = new Uint32Array(marks.length);
  let length = 0;
  for (let row = 0; row < marks.length; row++) if (marks[row] === mark) rows[length++] = row;
  return rows.subarray(0, length);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function round(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
}
