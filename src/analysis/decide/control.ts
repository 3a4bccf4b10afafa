import type { IdColumn } from '../../frame/column.ts';
import type { ControlFlag } from '../../frame/tags.ts';
import { murmur3 } from '../murmur.ts';

/** Whether the customer of a row is in the control group. */
export type ControlOf = (ids: IdColumn, row: number) => ControlFlag;

const hashes = 2 ** 32;

/**
 * Picks a job's control group by the customer id alone, so that it is the same for ever: whoever
 * comes or goes, and whenever the job runs. `share` is 0..1; a larger share keeps the members of a
 * smaller one. The job's name salts the hash, so groups of different jobs are independent. Null
 * for everybody without a share.
 */
export function controlGroup(job: string, share: number | undefined): ControlOf {
  if (share === undefined) return () => null;
  const salt = murmur3(new TextEncoder().encode(job), 0);
  const limit = share * hashes;
  return ({ bytes, offsets }, row) => (murmur3(bytes, salt, offsets[row]!, offsets[row + 1]!) < limit ? 1 : 0);
}
