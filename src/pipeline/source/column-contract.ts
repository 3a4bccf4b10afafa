import type { ColumnKind } from '../../frame/column.ts';
import type { Frame } from '../../frame/frame.ts';
import { columnUses, typesFor, type ColumnUse } from '../../job/column-uses.ts';
import { didYouMean } from '../../job/did-you-mean.ts';
import type { LoadedJob } from '../../job/load-job.ts';
import { inReadingOrder, mistakesError, type Mistake } from '../../job/mistake.ts';
import type { ColumnType } from '../../job/schema.ts';

/** The types by which a job file may call a column of this kind, the usual one first. */
export const typesOf: Readonly<Record<ColumnKind, readonly ColumnType[]>> = {
  number: ['number', 'money'],
  boolean: ['boolean'],
  day: ['date'],
  timestamp: ['timestamp'],
  text: ['text'],
  id: ['text'],
};

/**
 * Holds every column that the job names against what customers.sql returned, so that the stages can
 * rely on them. Throws one E_COLUMN_CONTRACT with all columns that are missing or of another type.
 */
export function requireColumns(loaded: LoadedJob, customers: Frame): void {
  const mistakes = columnUses(loaded.job).flatMap((use) => mistakeOf(loaded, customers, use) ?? []);
  if (mistakes.length > 0) throw mistakesError('E_COLUMN_CONTRACT', inReadingOrder(mistakes), 'job file');
}

function mistakeOf(loaded: LoadedJob, customers: Frame, { column, path, as }: ColumnUse): Mistake | undefined {
  const kind = customers.columns.get(column)?.kind;
  if (kind === undefined) {
    const names = [...customers.columns.keys()];
    const near = didYouMean(column, names);
    const suggestion = near === undefined ? `one of ${names.join(', ')}` : `did you mean "${near}"?`;
    return loaded.mistake(path, `customers.sql returns no column "${column}"`, suggestion);
  }
  const allowed = typesFor[as];
  if (!allowed || typesOf[kind].some((type) => allowed.includes(type))) return undefined;
  const needed = allowed.filter((type) => type !== 'money').join(' or ');
  return loaded.mistake(path, `"${column}" is ${typesOf[kind][0]} in customers.sql; ${needed} is needed here`);
}
