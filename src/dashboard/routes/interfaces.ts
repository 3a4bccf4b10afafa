import type { Hono } from 'hono';
import { requireRun } from '../../pipeline/decisions/decision.ts';
import { bearerOnly, type Gate } from '../security/gate.ts';
import type { Place } from '../place.ts';
import { newestRuns, ofRun, standingsOf } from './pages.ts';

/** For programs: read only, with the token as a bearer. */
export function addInterfaces(app: Hono, place: Place, gate: Gate): void {
  app.use('/api/*', bearerOnly(gate));
  app.use('/metrics', bearerOnly(gate));
  app.get('/metrics', async (c) => c.text(await place.metrics(), 200, { 'content-type': 'text/plain; version=0.0.4' }));
  app.get('/api/jobs', async (c) => c.json({ schemaVersion: 1, jobs: await standingsOf(place) }));
  app.get('/api/runs', async (c) => {
    const runs = await newestRuns(place);
    return c.json({ schemaVersion: 1, runs: runs.map(({ summary: _, ...run }) => run) });
  });
  app.get('/api/runs/:run', async (c) => {
    const { summary: _, ...run } = await ofRun(place, c.req.param('run'), requireRun);
    return c.json({ schemaVersion: 1, ...run });
  });
}
