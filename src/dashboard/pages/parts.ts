import type { Chart } from '../../report/charts/chart.ts';
import { duration } from '../../report/format.ts';
import { figureHtml } from '../../report/html/figure.ts';
import { markup, type Html } from '../../report/html/html.ts';
import type { Night } from '../../report/night.ts';

/** A status as a word with a sign, so that meaning is never in the colour alone. */
export function statusHtml(status: string): Html {
  const sign = signs[status] ?? '–';
  return markup`<span class="status ${status}"><span aria-hidden="true">${sign}</span> ${status.replaceAll('_', ' ')}</span>`;
}

const signs: Readonly<Record<string, string>> = {
  published: '✓',
  no_change: '✓',
  held: '‖',
  planned: '‖',
  running: '…',
  failed: '✕',
  crashed: '✕',
  aborted: '✕',
};

/** An instant in UTC to the minute, and exactly for programs; a dash where there is none. */
export function instantHtml(iso: string | null | undefined): Html {
  if (iso === null || iso === undefined) return markup`–`;
  return markup`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')}</time>`;
}

const barWidth = 90;

/** How long a run took, as a bar beside the others and in words. */
export function durationHtml(ms: number | null, longest: number): Html {
  if (ms === null) return markup`–`;
  const width = longest > 0 ? Math.max(1, Math.round((barWidth * ms) / longest)) : 1;
  return markup`<svg class="duration" width="${barWidth}" height="10" aria-hidden="true"><rect width="${width}" height="10" rx="2"></rect></svg> ${duration(ms)}`;
}

export type Cells = readonly (Html | string | number)[];

/** A table of the dashboard: the first cell of a row names it. */
export function gridHtml(title: string, columns: readonly string[], rows: readonly Cells[]): Html {
  if (rows.length === 0) return markup`<p>None.</p>`;
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="${title}, as a table">
    <table class="grid">
      <caption class="unseen">${title}</caption>
      <thead><tr>${columns.map((column) => markup`<th scope="col">${column}</th>`)}</tr></thead>
      <tbody>
        ${rows.map(
          (cells) =>
            markup`<tr>${cells.map((cell, i) => (i === 0 ? markup`<th scope="row">${cell}</th>` : markup`<td>${cell}</td>`))}</tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Charts of a night, drawn by the script where there is one; without it there are their tables and the report. */
export function chartsHtml({ runId }: Night, charts: readonly Chart[]): Html {
  return markup`<div data-night="/runs/${runId}/night">${charts.map((chart) => figureHtml(chart, [plotHtml(chart)]))}</div>`;
}

function plotHtml({ id, title, description }: Chart): Html {
  return markup`<div class="plot" data-chart="${id}" role="img" aria-label="${title}. ${description}"></div>`;
}
