import { measure } from '../../report/format.ts';
import { markup, type Html } from '../../report/html/html.ts';
import type { CustomerReport } from '../../pipeline/inquiries/customer-report.ts';
import type { Place } from '../place.ts';
import { dashboardPage } from './page.ts';
import { gridHtml, instantHtml } from './parts.ts';

export type CustomerPageParts = {
  readonly jobs: readonly string[];
  readonly job: string;
  readonly id: string;
  /** Null before anything was looked up, and where nothing was found. */
  readonly report: CustomerReport | null;
  readonly problem: string | null;
};

/** The look-up of a customer: segment, features, history, and why. */
export function customerPage(place: Place, parts: CustomerPageParts): string {
  const { report, problem } = parts;
  return dashboardPage(place, {
    title:
      report === null
        ? 'Look a customer up'
        : `${report.customer_id}: ${report.tag.segmentName ?? report.tag.segment ?? 'no segment'}`,
    chapter: 'customers',
    main: markup`${searchHtml(parts)}
      ${problem === null ? null : markup`<div class="alarm" role="alert"><p>${problem}</p></div>`}
      ${report === null ? null : reportHtml(report)}`,
  });
}

function searchHtml({ jobs, job, id }: CustomerPageParts): Html {
  return markup`<form method="get" action="/customers" class="search" role="search">
    <label>Job <select name="job">${jobs.map((name) => markup`<option${name === job ? markup` selected` : null}>${name}</option>`)}</select></label>
    <label>Customer id <input type="text" name="id" value="${id}" required autocomplete="off"></label>
    <button type="submit" class="plain">Look up</button>
  </form>`;
}

function reportHtml({ tag, why, changes, job }: CustomerReport): Html {
  const values = Object.entries(JSON.parse(tag.scores ?? '{}') as Record<string, unknown>);
  return markup`<p class="state">${tag.state} in ${job} since ${tag.segmentSince}, written by <a class="id" href="/runs/${tag.runId}">${tag.runId}</a>${tag.campaign === null ? '' : markup`, for <strong>${tag.campaign}</strong>`}</p>
    ${why === null ? null : whyHtml(why)}
    <section aria-labelledby="values"><h2 id="values">Published values</h2>
    ${gridHtml(
      'Published values',
      ['Name', 'Value'],
      values.map(([name, value]) => [name, valueText(value)]),
    )}</section>
    <section aria-labelledby="history"><h2 id="history">History</h2>
    ${gridHtml(
      'History',
      ['When (UTC)', 'Change', 'From', 'To', 'Run'],
      changes.map(({ changedAt, kind, fromSegment, toSegment, runId }) => [
        instantHtml(changedAt),
        kind,
        fromSegment ?? '–',
        toSegment ?? '–',
        markup`<a class="id" href="/runs/${runId}">${runId}</a>`,
      ]),
    )}</section>`;
}

function whyHtml({ segment, distance, alternative }: NonNullable<CustomerReport['why']>): Html {
  if (alternative === null)
    return markup`<p>Nearest is <strong>${segment}</strong> (distance ${measure(distance)}).</p>`;
  const turns = alternative.turns.map(({ column, from, to }) => `${column} ${measure(to)} instead of ${measure(from)}`);
  return markup`<p>Nearest is <strong>${segment}</strong> (distance ${measure(distance)}), next <strong>${alternative.segment}</strong> (${measure(alternative.distance)}).${turns.length === 0 ? '' : ` At the border with it: ${turns.join(', or ')}.`}</p>`;
}

function valueText(value: unknown): string {
  if (typeof value === 'number') return measure(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
