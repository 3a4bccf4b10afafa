import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../cli/program.ts';
import { openProject } from '../cli/project.ts';
import { withStore } from '../cli/with-staging.ts';
import { readNight } from '../pipeline/nights/night-report.ts';
import type { Chart } from '../report/charts/chart.ts';
import { pageTheme, type ChartSpace } from '../report/charts/theme.ts';
import { contentOf } from '../report/content.ts';
import { colourStyle } from '../report/html/style.ts';
import type { Night } from '../report/night.ts';
import { drawSvg } from '../report/svg.ts';

// Draws the pictures of docs/labels.md and docs/guards.md: charts of the reports of real nights of a bundled job, on the
// generated sample. The same code draws the same bytes.

const job = 'opportunities';
const publishedNights = ['2026-06-30', '2026-07-28'];
/** So much later that guards hold it. */
const heldNight = '2026-11-30';

const space: ChartSpace = { theme: pageTheme, width: 760, isNarrow: false };

const folder = mkdtempSync(join(tmpdir(), 'segtag-pictures-'));
try {
  for (const part of ['jobs', 'sql', 'config']) cpSync(part, join(folder, part), { recursive: true });
  const published: Night[] = [];
  for (const asOf of publishedNights) published.push(await nightOf(asOf));
  const held = await nightOf(heldNight);
  if (held.status !== 'held') throw new Error(`The night of ${heldNight} is ${held.status}, not held.`);
  save('labels-profile', chartOf(published[0]!, 'centroid-profile'));
  save('labels-shares', chartOf(published[0]!, 'size-and-value'));
  save('guards-moves', chartOf(held, 'migration'));
  save('guards-sizes', chartOf(held, 'segment-sizes'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Runs a night of the job and reads it back from the run store. */
async function nightOf(asOf: string): Promise<Night> {
  const printed: string[] = [];
  const terminal = {
    say: () => {},
    live: () => {},
    print: (text: string) => void printed.push(text),
    style: (_: string, text: string) => text,
    width: undefined,
  };
  const exitCode = await main(['-C', folder, 'run', job, '--as-of', asOf, '--hold-ok', '--json'], terminal);
  if (exitCode !== 0) throw new Error(`The night of ${asOf} ended with exit code ${exitCode}.`);
  const { run } = JSON.parse(printed.join('\n')) as { readonly run: { readonly id: string } };
  const project = openProject({ directory: folder, logFormat: 'human' });
  return withStore(project, 'crm', (staging) => readNight(staging, run.id, { showIds: false }));
}

function chartOf(night: Night, id: string): Chart {
  const parts = contentOf(night).flatMap((section) => section.parts);
  const charts = parts.flatMap((part) => (part.kind === 'chart' && part.chart.id === id ? [part.chart] : []));
  if (charts.length === 0) throw new Error(`The report of ${night.runId} has no ${id}.`);
  return charts[0]!;
}

/** A chart as a file of its own, with the colours that a report's page gives it. */
function save(name: string, chart: Chart): void {
  const style = `<style>${colourStyle}</style><rect width="100%" height="100%" fill="var(--surface)"></rect>`;
  const svg = drawSvg(chart, space)
    .text.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replace('>', `>${style}`);
  writeFileSync(join('docs', 'images', `${name}.svg`), `${svg}\n`);
}
