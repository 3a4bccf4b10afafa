import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { it, type TestAPI } from 'vitest';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executable = process.env.SEGTAG_TEST_CHROMIUM ?? places.find((place) => existsSync(place));

/** `it` where Chromium is installed; elsewhere a loud skip, or a failure where engines are required. */
export const itWithChromium = itWithBrowser();

/** Opens Chromium without a window. */
export function openChromium(): Promise<Browser> {
  if (executable === undefined) throw new Error('Chromium is not installed; these tests are required here.');
  return chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

function itWithBrowser(): TestAPI {
  if (executable !== undefined || process.env.SEGTAG_TEST_REQUIRE_ENGINES === '1') return it;
  console.warn('SKIPPED: tests in a browser. Install chromium, or set SEGTAG_TEST_CHROMIUM.');
  return it.skip as unknown as TestAPI;
}
