import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { problemPage } from './pages/problem.ts';
import { addActions } from './routes/actions.ts';
import { addAssets } from './routes/assets.ts';
import { addInterfaces } from './routes/interfaces.ts';
import { addPages } from './routes/pages.ts';
import type { Place } from './place.ts';
import { faultOf } from './fault.ts';
import { knownHosts, ownFormsOnly, sessionOnly, type Gate } from './security/gate.ts';
import { safeHeaders } from './security/headers.ts';

const largestForm = 16 * 1024;

/** The dashboard as one function from request to answer. Each part is behind the guards that stand above it. */
export function createApp(place: Place, gate: Gate): Hono {
  const app = new Hono();
  app.use(safeHeaders());
  app.use(knownHosts(gate));
  app.get('/healthz', (c) => c.text('ok\n'));
  addInterfaces(app, place, gate);
  app.use(sessionOnly(gate));
  app.use(bodyLimit({ maxSize: largestForm }));
  app.use(ownFormsOnly(gate));
  addAssets(app);
  addPages(app, place, gate);
  if (!place.readOnly) addActions(app, place, gate);
  app.notFound((c) => c.html(problemPage(place, { title: 'There is no such page', what: c.req.path }), 404));
  app.onError((error, c) => {
    const { status, ...problem } = faultOf(error);
    if (status === 500) place.complain(error);
    if (c.req.path.startsWith('/api/')) return c.json({ schemaVersion: 1, error: problem }, status);
    return c.html(problemPage(place, problem), status);
  });
  return app;
}
