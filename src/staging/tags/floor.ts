import { SegtagError } from '../../errors.ts';
import type { Store } from '../engines/engine.ts';

/** Up to which number changes may be missing from the feed, of one job or of any; 0 before anything was pruned. */
export async function feedFloor({ knex, engine }: Store, job?: string): Promise<number> {
  const where = job === undefined ? '' : 'where job = ?';
  const sql = `select coalesce(max(change_seq), 0) as floor from segtag_floor ${where}`;
  const { rows } = await engine.run(knex, sql, job === undefined ? [] : [job]);
  return Number(rows[0]?.floor);
}

/** Throws E_PRUNED for a reader who would miss changes: one who has come less far than the floor. */
export async function requireAboveFloor(store: Store, since: number, job?: string): Promise<void> {
  const floor = await feedFloor(store, job);
  if (since >= floor) return;
  throw new SegtagError('E_PRUNED', {
    where: store.engine.place,
    what: `Changes up to ${floor} have been pruned, and this reader has taken them up to ${since}.`,
    remedy:
      'Read the tag table as a whole, and acknowledge the highest change_seq in it: segtag ack CONSUMER CHANGE_SEQ. Then go on with the feed.',
  });
}
