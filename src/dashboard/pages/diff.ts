import type { RunDifference } from '../../pipeline/inquiries/compare-runs.ts';
import { migration } from '../../report/charts/migration.ts';
import { count, measure, percent, signed } from '../../report/format.ts';
import { drawings } from '../../report/drawings.ts';
import { figureHtml } from '../../report/html/figure.ts';
import { markup, type Html } from '../../report/html/html.ts';
import { tableHtml } from '../../report/html/table.ts';
import { movesMatrix } from '../../report/tables/moves.ts';
import type { RunRecord } from '../../staging/runs/run-record.ts';
import type { Place } from '../place.ts';
import { dashboardPage } from './page.ts';
import { gridHtml, statusHtml } from './parts.ts';

export type DiffPageParts = {
  /** Null until another run is chosen. */
  readonly difference: RunDifference | null;
  readonly run: RunRecord;
  /** The runs of the job that this one can be held against, newest first. */
  readonly others: readonly RunRecord[];
};

/** What changed from one run of a job to another. */
export function diffPage(place: Place, { difference, run, others }: DiffPageParts): string {
  return dashboardPage(place, {
    title: difference === null ? 'Hold this run against another' : titleOf(difference),
    eyebrow: `${run.job} · ${run.runId}`,
    chapter: 'runs',
    main: markup`${choiceHtml(run, others, difference?.before.run)}${difference === null ? null : differenceHtml(difference)}`,
  });
}

function titleOf({ moves }: RunDifference): string {
  if (moves === null) return 'Who moved between these runs is not known any more';
  const customers = moves.reduce((sum, move) => sum + move.customers, 0);
  if (customers === 0) return 'No customer has another segment';
  return `${count(customers)} ${customers === 1 ? 'customer differs' : 'customers differ'}`;
}

function choiceHtml({ runId }: RunRecord, others: readonly RunRecord[], chosen: string | undefined): Html {
  if (others.length === 0) return markup`<p>The job has no other run that computed a night.</p>`;
  return markup`<form class="search" method="get" action="/runs/${runId}/diff">
    <label>What changed since
      <select name="since">${others.map(
        (other) =>
          markup`<option value="${other.runId}"${other.runId === chosen ? markup` selected` : null}>${other.asOf} · ${other.status.replaceAll('_', ' ')} · ${other.runId}</option>`,
      )}</select></label>
    <span></span>
    <button type="submit" class="plain">Compare</button>
  </form>`;
}

function differenceHtml(difference: RunDifference): Html {
  const { before, after, same } = difference;
  const sides = [before, after].map(
    ({ run, as_of: asOf, status }) =>
      markup`<p class="state">${statusHtml(status)} <a class="id" href="/runs/${run}">${run}</a>, as of ${asOf}</p>`,
  );
  const verdicts = Object.entries(same).map(
    ([what, isSame]) =>
      `${what === 'job' ? 'job file' : what} ${isSame === null ? 'not known' : isSame ? 'the same' : 'changed'}`,
  );
  return markup`${sides}
    <p class="state">${verdicts.join(', ')}</p>
    <section aria-labelledby="sizes"><h2 id="sizes">Segments</h2>${segmentsHtml(difference)}</section>
    ${movesHtml(difference)}
    <section aria-labelledby="figures"><h2 id="figures">Figures</h2>${figuresHtml(difference)}</section>
    ${modelHtml(difference)}`;
}

function segmentsHtml({ segments }: RunDifference): Html {
  const rows = segments.map(({ segment, name, campaign, customers, share }) => [
    named(name, segment),
    count(customers.before),
    count(customers.after),
    signed(customers.after - customers.before),
    percent(share.before),
    percent(share.after),
    campaign.before === campaign.after
      ? (campaign.after ?? '–')
      : `${campaign.before ?? '–'} → ${campaign.after ?? '–'}`,
  ]);
  return gridHtml(
    'Segments before and after',
    ['Segment', 'Before', 'After', 'Change', 'Share before', 'Share after', 'Use it for'],
    rows,
  );
}

/** A segment's name, with what it was called before. */
function named(
  { before, after }: { readonly before: string | null; readonly after: string | null },
  slug: string,
): string {
  if (before === null) return `${after ?? slug} (new)`;
  if (after === null) return `${before} (gone)`;
  return before === after ? after : `${after} (was ${before})`;
}

function movesHtml({ moves, segments }: RunDifference): Html | null {
  if (moves === null || moves.length === 0) return null;
  const shown = {
    moves,
    segments: segments.map(({ segment, name, customers }) => ({
      segment,
      name: name.after ?? name.before ?? segment,
      customers: customers.after,
    })),
  };
  const chart = migration(shown);
  return markup`<section aria-labelledby="moves-heading"><h2 id="moves-heading">Who moved</h2>
    ${chart === null ? tableHtml(movesMatrix(shown)) : figureHtml(chart, drawings(chart))}</section>`;
}

function figuresHtml({ figures, psi, ari }: RunDifference): Html {
  const rows = figures.map(({ figure, before, after }) => [figure.replaceAll('_', ' '), digits(before), digits(after)]);
  return markup`${gridHtml('Figures before and after', ['Figure', 'Before', 'After'], rows)}
    <p class="state">Stability index ${digits(psi)} (0: the same sizes), Rand index ${digits(ari)} (1: the same groups).</p>`;
}

function modelHtml({ model }: RunDifference): Html | null {
  if (model === null || model.length === 0) return null;
  const rows = model.map(({ what, before, after }) => [what, before ?? '–', after ?? '–']);
  return markup`<section aria-labelledby="model"><h2 id="model">Model</h2>
    ${gridHtml('Model before and after', ['Model', 'Before', 'After'], rows)}</section>`;
}

function digits(value: number | null): string {
  if (value === null) return '–';
  return Math.abs(value) < 1 && value !== 0 ? value.toFixed(3) : measure(value);
}
