import { readFile } from 'node:fs/promises';
import type { Hono } from 'hono';
import { programFile } from '../../installation.ts';
import { style as reportStyle } from '../../report/html/style.ts';
import { liveScript } from '../assets/live.ts';
import { dashboardStyle } from '../assets/style.ts';

/** What pages load: one style sheet, which begins with the report's, a small script, and the one that draws charts. */
export function addAssets(app: Hono): void {
  app.get('/assets/dashboard.css', (c) =>
    c.body(reportStyle + dashboardStyle, 200, { 'content-type': 'text/css; charset=utf-8' }),
  );
  app.get('/assets/charts.js', async (c) =>
    c.body(await readFile(programFile('dashboard/browser/charts')), 200, {
      'content-type': 'text/javascript; charset=utf-8',
    }),
  );
  app.get('/assets/live.js', (c) => c.body(liveScript, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
}
