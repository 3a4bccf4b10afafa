import { canonicalJson } from '../../job/hash.ts';
import type { Store } from '../engines/engine.ts';

/** What the charts of a run are drawn from: any JSON. */
export type RunFigures = { readonly runId: string; readonly job: string; readonly figures: unknown };

/** Keeps the figures of a run, in place of earlier ones. */
export async function saveFigures({ knex, engine }: Store, { runId, job, figures }: RunFigures): Promise<void> {
  const text = canonicalJson(figures);
  await knex.transaction(async (trx) => {
    await engine.run(trx, 'delete from segtag_figures where run_id = ?', [runId]);
    await engine.run(trx, 'insert into segtag_figures (run_id, job, figures) values (?, ?, ?)', [runId, job, text]);
  });
}

/** The figures of a run; null where it has none. */
export async function readFigures({ knex, engine }: Store, runId: string): Promise<unknown> {
  const { rows } = await engine.run(knex, 'select figures from segtag_figures where run_id = ?', [runId]);
  return rows[0] ? JSON.parse(String(rows[0].figures)) : null;
}
