import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { renderReport } from '../../src/report/render.ts';
import { itWithChromium as it, openChromium } from '../support/chromium.ts';
import { sampleNight } from '../support/sample-night.ts';

let browser: Browser | undefined;
let address: string;

beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'segtag-report-')), 'report.html');
  writeFileSync(file, renderReport(sampleNight({ status: 'held' })));
  address = pathToFileURL(file).href;
  browser = await openChromium().catch(() => undefined);
});
afterAll(() => browser?.close());

type Opened = { readonly page: Page; readonly requests: string[]; readonly complaints: string[] };

async function open(
  width: number,
  options: { readonly colorScheme?: 'light' | 'dark'; readonly javaScriptEnabled?: boolean } = {},
): Promise<Opened> {
  const context = await (browser ?? (await openChromium())).newContext({
    viewport: { width, height: 900 },
    ...options,
  });
  const page = await context.newPage();
  const [requests, complaints]: [string[], string[]] = [[], []];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(address);
  return { page, requests, complaints };
}

describe('a report in a browser', () => {
  it('asks for nothing but itself, and nothing on it complains', async () => {
    const { page, requests, complaints } = await open(1200);
    expect(requests).toEqual([address]);
    expect(complaints).toEqual([]);
    expect(await page.evaluate('globalThis.broken')).toBeUndefined();
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('has no violation that axe finds, in %s', async (colorScheme) => {
    const { page } = await open(1200, { colorScheme });
    await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true");
    // The policy of the page lets no script in; this one comes from outside it.
    const found: unknown = await page.evaluate(`${axe.source}; axe.run().then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).slice(0, 3).join(' | ')))`);
    expect(found).toEqual([]);
    await page.context().close();
  });

  it.each([
    [1200, 'svg.wide'],
    [500, 'svg.narrow'],
  ])('shows charts and tables without JavaScript at %i pixels, and cuts off no text', async (width, shown) => {
    const { page } = await open(width, { javaScriptEnabled: false });
    expect(await page.locator('h1').isVisible()).toBe(true);
    expect(await page.locator('table').first().isVisible()).toBe(true);
    const charts = await page.locator(shown).all();
    expect(charts).toHaveLength(11);
    for (const chart of charts) expect(await chart.isVisible()).toBe(true);
    expect(
      await page
        .locator(shown === 'svg.wide' ? 'svg.narrow' : 'svg.wide')
        .first()
        .isVisible(),
    ).toBe(false);
    await page.context().close();
  });

  it.each([1200, 500])('keeps every text of a chart inside it and large enough to read at %i pixels', async (width) => {
    const { page } = await open(width);
    const cut: unknown = await page.evaluate(`[...document.querySelectorAll('svg')]
      .filter((svg) => svg.getBoundingClientRect().width > 0)
      .flatMap((svg) => {
        const around = svg.getBoundingClientRect();
        const scale = around.width / svg.viewBox.baseVal.width;
        return [...svg.querySelectorAll('text')]
          .filter((text) => {
            const box = text.getBoundingClientRect();
            const size = parseFloat(getComputedStyle(text).fontSize) * scale;
            return box.left < around.left - 1 || box.right > around.right + 1 || size < 10;
          })
          .map((text) => text.textContent);
      })`);
    expect(cut).toEqual([]);
    const overflow: unknown = await page.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    );
    expect(overflow).toBe(false);
    await page.context().close();
  });

  it('gives each table as a file', async () => {
    const { page } = await open(1200, { javaScriptEnabled: false });
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.csv a').first().click()]);
    expect(download.suggestedFilename()).toBe('segments.csv');
    expect(readFileSync(await download.path(), 'utf8')).toMatch(/^Segment,Customers,Share/);
    await page.context().close();
  });
});
