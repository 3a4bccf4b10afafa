import { codesOf } from './rows.ts';
import { takeRows, type Column, type ColumnKind } from './column.ts';

/** A table as typed columns, all of the same length, in the order of the SELECT. */
export type Frame = {
  readonly rowCount: number;
  readonly columns: ReadonlyMap<string, Column>;
  /** What the warehouse has found of each row (its cluster, scores or rule), -1 for nothing; absent where it looks for nothing. */
  readonly foundOf?: Int32Array;
};

/**
 * The column of that name and kind. Stages ask only for columns that the column contract has
 * already promised, so a miss is a bug and throws a plain Error.
 */
export function columnOf<Kind extends ColumnKind>(
  frame: Frame,
  name: string,
  kind: Kind,
): Extract<Column, { kind: Kind }> {
  const column = frame.columns.get(name);
  if (!column) throw new Error(`no column "${name}" in the frame`);
  if (column.kind !== kind) throw new Error(`column "${name}" is ${column.kind}, not ${kind}`);
  return column as Extract<Column, { kind: Kind }>;
}

/** The rows of `frame` in the order of `rows`. */
export function takeFrameRows(frame: Frame, rows: Uint32Array): Frame {
  const columns = new Map([...frame.columns].map(([name, column]) => [name, takeRows(column, rows)] as const));
  const { foundOf } = frame;
  return { rowCount: rows.length, columns, ...(foundOf ? { foundOf: codesOf(foundOf, rows) } : {}) };
}
