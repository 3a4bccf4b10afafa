import type { NumericColumn } from '../analysis/matrix.ts';
import type { Job } from '../job/schema.ts';

/** The job's first money column, whose sums are its revenue. */
export function valueColumn({ source }: Job, columns: readonly NumericColumn[]): NumericColumn | undefined {
  return columns.find(({ name }) => source.columns?.[name] === 'money');
}
