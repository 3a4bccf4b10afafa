import { SegtagError } from '../errors.ts';
import { columnOf, type Frame } from '../frame/frame.ts';
import { idAt } from '../frame/id.ts';
import type { LoadedJob } from '../job/load-job.ts';
import type { Path } from '../job/yaml-text.ts';

export type NotFinite = {
  readonly column: string;
  /** Where the job names the column. */
  readonly path: Path;
  readonly rows: Uint32Array;
  /** A column of texts. */
  readonly isText?: boolean;
};

/** Refuses customers whose value can't be computed with. */
export function refuseNotFinite(
  loaded: LoadedJob,
  customers: Frame,
  { column, path, rows, isText = false }: NotFinite,
): never {
  const ids = columnOf(customers, loaded.job.source.customer_id, 'id');
  const shown = Array.from(rows.subarray(0, 10), (row) => idAt(ids, row)).join(', ');
  const why = isText ? 'missing, or a text that has no place in its order,' : 'missing, NaN, infinite or out of range';
  throw new SegtagError('E_FEATURE_NOT_FINITE', {
    where: loaded.locate(path),
    what: `${column} is ${why} for ${rows.length.toLocaleString('en-US')} ${rows.length === 1 ? 'customer' : 'customers'}, such as ${shown}.`,
    remedy: isText
      ? 'Fill it in customers.sql; list a new text in the order of the feature, which begins a new scale.'
      : 'Filter or fill these values in customers.sql.',
  });
}
