import type { Hono } from 'hono';
import { style as reportStyle } from '../../report/html/style.ts';
import { liveScript } from '../assets/live.ts';
import { dashboardStyle } from '../assets/style.ts';

/** What pages load: one style sheet, which begins with the report's, and one small script. */
export function addAssets(app: Hono): void {
  app.get('/assets/dashboard.css', (c) =>
    c.body(reportStyle + dashboardStyle, 200, { 'content-type': 'text/css; charset=utf-8' }),
  );
  app.get('/assets/live.js', (c) => c.body(liveScript, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
}
