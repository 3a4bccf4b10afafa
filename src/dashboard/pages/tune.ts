import type { TuneSummary } from '../../pipeline/inquiries/tune.ts';
import { elbowAndSilhouette } from '../../report/charts/k-curve.ts';
import { drawings } from '../../report/drawings.ts';
import { count, measure, percent } from '../../report/format.ts';
import { figureHtml } from '../../report/html/figure.ts';
import { markup, type Html } from '../../report/html/html.ts';
import type { Place } from '../place.ts';
import { formHtml } from './form.ts';
import { dashboardPage } from './page.ts';
import { gridHtml } from './parts.ts';

/** How many clusters a job may have: weighed on demand, because every customer is read for it. */
export function tunePage(
  place: Place,
  { job, summary, form }: { readonly job: string; readonly summary: TuneSummary | null; readonly form: string },
): string {
  return dashboardPage(place, {
    title: summary?.verdict ?? 'How many clusters?',
    eyebrow: `${job} · number of clusters`,
    chapter: 'overview',
    main: markup`<p class="lead">Reads the customers as a night would, fits each number of clusters, and writes nothing. Nothing changes until somebody writes another number into the job file.</p>
      ${place.readOnly ? null : formHtml({ action: `/jobs/${job}/tune`, button: summary === null ? 'Weigh them now' : 'Weigh them again', token: form })}
      ${summary === null ? null : summaryHtml(summary)}`,
  });
}

function summaryHtml(summary: TuneSummary): Html {
  const { figures, current, proposed, warnings, customers, weighed, as_of: asOf } = summary;
  const k = current === 'auto' ? proposed : current;
  const chart = elbowAndSilhouette(
    { k_curve: figures, k, k_from: current === 'auto' ? 'auto' : 'job' },
    { isOfAll: weighed === customers },
  );
  const columns = [
    'Clusters',
    'Silhouette',
    'Inertia',
    'Calinski-Harabasz',
    'Davies-Bouldin',
    'Gap',
    'Stability',
    'Smallest',
    'Best by',
  ];
  const rows = figures.map((at) => [
    `${at.k}${at.k === current ? ' (in use)' : ''}${at.k === proposed ? ' (proposed)' : ''}`,
    digits(at.silhouette),
    at.inertia === null ? '–' : measure(at.inertia),
    at.calinski_harabasz === null ? '–' : measure(at.calinski_harabasz),
    digits(at.davies_bouldin),
    digits(at.gap),
    digits(at.stability),
    at.smallest_share === null ? '–' : percent(at.smallest_share),
    votersOf(summary, at.k).join(', ') || '–',
  ]);
  return markup`${warnings.length === 0 ? null : markup`<div class="alarm">${warnings.map((warning) => markup`<p>${warning}</p>`)}</div>`}
    <section aria-labelledby="weighed"><h2 id="weighed">Weighed</h2>
    <p>${weighed === customers ? '' : `${count(weighed)} of `}${count(customers)} customers, as of ${asOf}.</p>
    ${gridHtml('Figures by number of clusters', columns, rows)}
    ${chart === null ? null : figureHtml(chart, drawings(chart))}</section>`;
}

function votersOf({ votes }: TuneSummary, k: number): string[] {
  return Object.entries(votes)
    .filter(([, vote]) => vote === k)
    .map(([criterion]) => criterion.replaceAll('_', ' '));
}

function digits(value: number | null): string {
  return value?.toFixed(3) ?? '–';
}
