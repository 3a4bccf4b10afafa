import { SegtagError } from '../../errors.ts';
import { columnOf, type Frame } from '../../frame/frame.ts';
import { idAt } from '../../frame/id.ts';
import type { LoadedJob } from '../../job/load-job.ts';
import type { Path } from '../../job/yaml-text.ts';

export type NotFinite = {
  readonly column: string;
  /** Where the job names the column. */
  readonly path: Path;
  /** How many customers there are. */
  readonly count: number;
  /** Ids of a few of them. */
  readonly shown: readonly string[];
  /** A column of texts. */
  readonly isText?: boolean;
};

/** Refuses customers whose value can't be computed with. */
export function refuseNotFinite(
  loaded: LoadedJob,
  customers: Frame,
  { rows, ...of }: Omit<NotFinite, 'count' | 'shown'> & { readonly rows: Uint32Array },
): never {
  const ids = columnOf(customers, loaded.job.source.customer_id, 'id');
  throw notFinite(loaded, {
    ...of,
    count: rows.length,
    shown: Array.from(rows.subarray(0, 10), (row) => idAt(ids, row)),
  });
}

/** The refusal of customers whose value can't be computed with. */
export function notFinite(loaded: LoadedJob, { column, path, count, shown, isText = false }: NotFinite): SegtagError {
  const why = isText ? 'missing, or a text that has no place in its order,' : 'missing, NaN, infinite or out of range';
  return new SegtagError('E_FEATURE_NOT_FINITE', {
    where: loaded.locate(path),
    what: `${column} is ${why} for ${count.toLocaleString('en-US')} ${count === 1 ? 'customer' : 'customers'}, such as ${shown.join(', ')}.`,
    remedy: isText
      ? 'Fill it in customers.sql; list a new text in the order of the feature, which begins a new scale.'
      : 'Filter or fill these values in customers.sql.',
  });
}
