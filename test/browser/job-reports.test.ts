import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { itWithChromium as it, openChromium } from '../support/chromium.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { isFull } from '../support/proofs/seeds.ts';

const all = readdirSync('jobs').map((file) => basename(file, '.yaml'));
/** All of them in the full run; else the one with the most parts. */
const jobs = isFull ? all : ['shoppers'];

const modes: readonly (readonly [string, BrowserContextOptions, 'screen' | 'print'])[] = [
  ['light', { viewport: { width: 1200, height: 900 }, colorScheme: 'light' }, 'screen'],
  ['dark', { viewport: { width: 1200, height: 900 }, colorScheme: 'dark' }, 'screen'],
  ['500 pixels', { viewport: { width: 500, height: 900 } }, 'screen'],
  ['print', { viewport: { width: 794, height: 1123 } }, 'print'],
];

let browser: Browser | undefined;
let project: TestProject;
beforeAll(async () => {
  browser = await openChromium().catch(() => undefined);
  const warehouse = { client: 'duckdb', file: 'var/sample.duckdb', build: 'sql/sample' };
  const connections = { warehouse, crm: { client: 'sqlite', file: 'var/crm.sqlite' } };
  project = makeProject('.', { sample: { as_of: '2026-06-30', connections } }, { withReports: true });
});
afterAll(() => browser?.close());

/** The report of the second of two nights, so that somebody has moved. */
async function reportOf(job: string): Promise<string> {
  await project.segtag(['run', job, '--as-of', '2026-06-01', '--hold-ok']);
  const { stdout } = await project.segtag(['run', job, '--hold-ok', '--json']);
  const { report } = JSON.parse(stdout) as { report: string };
  return pathToFileURL(join(project.directory, report)).href;
}

async function violations(page: Page): Promise<unknown> {
  await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true");
  return page.evaluate(`${axe.source}; axe.run().then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).slice(0, 3).join(' | ')))`);
}

describe.each(jobs)('the report of the job %s in a browser', (job) => {
  let address: Promise<string> | undefined;

  it.each(modes)('is whole, quiet and for everybody: %s', async (mode, options, media) => {
    const file = await (address ??= reportOf(job));
    const context = await (browser ?? (await openChromium())).newContext({ ...options, offline: true });
    const page = await context.newPage();
    const [requests, complaints]: [string[], string[]] = [[], []];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.emulateMedia({ media });
    await page.goto(file);
    expect(requests).toEqual([file]);
    const overflow = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBe(false);
    const charts = await page.locator('figure').count();
    const drawn =
      '[...document.querySelectorAll("figure")].filter((figure) => [...figure.querySelectorAll("svg")].some((svg) => svg.getBoundingClientRect().height > 50)).length';
    expect(charts).toBeGreaterThan(2);
    expect(await page.evaluate(drawn)).toBe(charts);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    if (process.env.SEGTAG_TEST_SHOTS) {
      const name = `${job}-${mode.replaceAll(' ', '-')}.png`;
      await page.screenshot({ path: join(process.env.SEGTAG_TEST_SHOTS, name), fullPage: true });
    }
    await context.close();
  });

  it('shows every chart and table without JavaScript', async () => {
    const file = await (address ??= reportOf(job));
    const context = await (browser ?? (await openChromium())).newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(file);
    for (const chart of await page.locator('svg.wide').all()) expect(await chart.isVisible()).toBe(true);
    expect(await page.locator('table').first().isVisible()).toBe(true);
    await context.close();
  });
});
