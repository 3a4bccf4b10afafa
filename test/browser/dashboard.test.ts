import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { itWithChromium as it, openChromium } from '../support/chromium.ts';
import { startDashboard, type RunningDashboard } from '../support/dashboard.ts';
import { nightOf } from '../support/in-process.ts';
import { tagsIn } from '../support/night.ts';
import type { TestProject } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

/** Half of the customers are gone, which a guard holds. */
const half = sixtyCustomers.slice(0, 30);
const attack = '<img src=x onerror=broken=1>';

let browser: Browser | undefined;
let context: BrowserContext;
let database: StagingDatabase;
let project: TestProject;
let dashboard: RunningDashboard;
let first: string;

beforeAll(async () => {
  browser = await openChromium().catch(() => undefined);
  if (browser === undefined) return;
  database = await stagingEngines[0]!.fresh();
  project = smallProject(database);
  edit(project, 'jobs/small.yaml', 'name: Recent', `name: "${attack}"`);
  first = (await night('2026-06-01')).id;
  dashboard = await startDashboard(project);
  context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  await (await context.newPage()).goto(dashboard.url.href);
});
afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
  await database?.drop();
});

async function night(asOf: string, mode: 'publish' | 'plan' = 'publish'): Promise<{ id: string; status: string }> {
  return (await nightOf(project, database.connection, asOf, { mode })).run;
}

type Opened = { readonly page: Page; readonly complaints: string[] };

async function open(path: string, where: BrowserContext = context): Promise<Opened> {
  const page = await where.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(new URL(path, dashboard.url).href);
  return { page, complaints };
}

async function stateOf(runId: string): Promise<unknown> {
  const [row] = await database.query('select status from segtag_run where run_id = ?', [runId]);
  return row?.status;
}

describe('in a browser, the dashboard', () => {
  it('shows a held night first; approved there, exactly what it computed is published', async () => {
    writeCustomers(project, half);
    const held = await night('2026-06-02');
    expect(held.status).toBe('held');
    // The warehouse moves on: what is approved is what was computed.
    writeCustomers(project, sixtyCustomers);
    const { page, complaints } = await open('/');
    await page.locator('.cards a').first().click();
    await page.getByLabel('Why is this night right?').fill('a campaign ended');
    await page.getByRole('button', { name: 'Approve and publish' }).click();
    await page.locator('.status.published').waitFor();
    expect(await page.locator('#decisions + ul').textContent()).toContain('a campaign ended');
    expect(await stateOf(held.id)).toBe('published');
    const stayed = (await tagsIn(database)).filter(({ state }) => state === 'active');
    expect(stayed.map(({ customer_id: id }) => id)).toEqual(half.map(([id]) => id).toSorted());
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('answers 409 where the night has been overtaken while its page was open, and publishes nothing', async () => {
    writeCustomers(project, sixtyCustomers.slice(0, 31));
    const planned = await night('2026-06-03', 'plan');
    const { page } = await open(`/runs/${planned.id}`);
    const newer = await night('2026-06-03', 'plan');
    const before = await tagsIn(database);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.getByRole('button', { name: 'Approve and publish' }).click(),
    ]);
    expect(answer.status()).toBe(409);
    expect(await tagsIn(database)).toEqual(before);
    expect(await stateOf(newer.id)).toBe('planned');
    await page.close();
  });

  it('draws charts that name a value under the pointer and leave out a segment, and none of it complains', async () => {
    const { page, complaints } = await open(`/runs/${first}`);
    const places = await page.locator('[data-chart]').count();
    expect(places).toBeGreaterThan(3);
    await expect.poll(() => page.locator('[data-chart] svg').count()).toBe(places);
    const chart = page.locator('[data-chart="size-and-value"]');
    const before = await chart.locator('text').count();
    await chart.hover();
    await expect.poll(() => chart.locator('text').count()).toBeGreaterThan(before);
    const profile = page.locator('[data-chart="centroid-profile"]');
    const lines = await profile.locator('path').count();
    await profile.locator('text', { hasText: 'Gone' }).last().click();
    await expect.poll(() => profile.locator('path').count()).toBeLessThan(lines);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('has no violation that axe finds on any page, in %s', async (colorScheme) => {
    const [cookies, where] = [await context.cookies(), await browser!.newContext({ colorScheme })];
    await where.addCookies(cookies);
    const plain = ['/', '/runs', '/jobs/small', '/customers?job=small&id=C000', '/nowhere'];
    // All pages have the colours of one style sheet, and this one all of them.
    for (const path of [`/runs/${first}`, ...(colorScheme === 'light' ? plain : [])]) {
      const { page } = await open(path, where);
      // The policy of the pages lets no script of others in; this one comes from outside it.
      const found: unknown = await page.evaluate(`${axe.source}; axe.run().then(({ violations }) =>
        violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).slice(0, 3).join(' | ')))`);
      expect(found, path).toEqual([]);
      await page.close();
    }
    await where.close();
  });

  it('runs no script that stands in the name of a segment, in an id or in an address', async () => {
    for (const path of [
      `/runs/${first}`,
      `/customers?job=small&id=${encodeURIComponent(attack)}`,
      `/${encodeURIComponent(attack)}`,
    ]) {
      const { page } = await open(path);
      expect(await page.evaluate('globalThis.broken')).toBeUndefined();
      expect(await page.locator('img').count()).toBe(0);
      await page.close();
    }
  });
});

describe('a page of somebody else in the same browser', () => {
  let evil: Server;

  async function serve(html: string): Promise<string> {
    evil = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
    await new Promise<void>((listening) => evil.listen(0, '127.0.0.1', listening));
    return `http://localhost:${(evil.address() as AddressInfo).port}/`;
  }

  it('gets no page of the dashboard into a frame', async () => {
    const address = await serve(`<iframe src="${new URL('/runs', dashboard.url).href}"></iframe>`);
    const page = await context.newPage();
    await page.goto(address);
    const [, frame] = page.frames();
    expect(await frame!.locator('.brand').count()).toBe(0);
    expect(frame!.url()).toMatch(/^chrome-error:/);
    await page.close();
    evil.close();
  });

  it('sends a form that is refused, and decides nothing', async () => {
    writeCustomers(project, half.slice(0, 10));
    const held = await night('2026-06-04');
    expect(held.status).toBe('held');
    const action = new URL(`/runs/${held.id}/approve`, dashboard.url).href;
    const address = await serve(
      `<form method="post" action="${action}"><input name="reason" value="attack"></form><script>document.forms[0].submit()</script>`,
    );
    const page = await context.newPage();
    const refused = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.goto(address);
    expect([401, 403]).toContain((await refused).status());
    expect(await stateOf(held.id)).toBe('held');
    await page.close();
    evil.close();
  });
});
