import { SegtagError } from '../errors.ts';
import { columnOf, type Frame } from '../frame/frame.ts';
import { idAt } from '../frame/id.ts';
import type { LoadedJob } from '../job/load-job.ts';
import type { Path } from '../job/yaml-text.ts';

/** Refuses customers whose value can't be computed with; `path` is where the job names the column. */
export function refuseNotFinite(
  loaded: LoadedJob,
  customers: Frame,
  { column, path, rows }: { readonly column: string; readonly path: Path; readonly rows: Uint32Array },
): never {
  const ids = columnOf(customers, loaded.job.source.customer_id, 'id');
  const shown = Array.from(rows.subarray(0, 10), (row) => idAt(ids, row)).join(', ');
  throw new SegtagError('E_FEATURE_NOT_FINITE', {
    where: loaded.locate(path),
    what: `${column} is missing, NaN, infinite or out of range for ${rows.length.toLocaleString('en-US')} customers, such as ${shown}.`,
    remedy: 'Filter or fill these values in customers.sql.',
  });
}
