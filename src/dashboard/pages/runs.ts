import { segmentSizes } from '../../report/charts/sizes.ts';
import { count } from '../../report/format.ts';
import { markup, type Html } from '../../report/html/html.ts';
import type { Night } from '../../report/night.ts';
import type { JobStanding } from '../../pipeline/inquiries/job-standing.ts';
import type { Job } from '../../job/schema.ts';
import type { RunRecord } from '../../staging/runs/run-record.ts';
import type { Place } from '../place.ts';
import { formHtml } from './form.ts';
import { dashboardPage } from './page.ts';
import { chartsHtml, durationHtml, gridHtml, instantHtml, statusHtml, type Cells } from './parts.ts';

/** The newest runs of all jobs. */
export function runsPage(place: Place, runs: readonly RunRecord[]): string {
  return dashboardPage(place, { title: 'Runs', chapter: 'runs', main: runsHtml(runs) });
}

export type JobPageParts = {
  readonly job: Job;
  readonly standing: JobStanding;
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  /** The newest night whose tags the CRM has; null before the first. */
  readonly newest: Night | null;
  /** The token of our forms. */
  readonly form: string;
};

/** A job: what it is for, how it stands, and its runs. */
export function jobPage(place: Place, { job, standing, runs, newest, form }: JobPageParts): string {
  const facts: readonly (readonly [string, Html | string])[] = [
    ['Owner', job.owner ?? '–'],
    ['Last success', instantHtml(standing.lastSuccess?.at)],
    ['Next due', standing.nextDue === null ? 'no schedule' : instantHtml(standing.nextDue)],
    ['Writes to', job.publish.table],
  ];
  return dashboardPage(place, {
    title: job.job,
    eyebrow: 'Job',
    chapter: 'overview',
    hasCharts: newest !== null,
    main: markup`<p class="lead">${job.description ?? ''}</p>
      <dl class="facts small">${facts.map(([term, value]) => markup`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
      ${place.readOnly ? null : formHtml({ action: `/jobs/${job.job}/run`, button: 'Run it now', token: form })}
      ${'k' in job.segments ? markup`<p><a href="/jobs/${job.job}/tune">How many clusters?</a></p>` : null}
      ${newest === null ? null : sizesHtml(newest)}
      <section aria-labelledby="runs"><h2 id="runs">Runs</h2>${runsHtml(runs)}</section>`,
  });
}

/** How large the segments have been; nothing for a job's first night. */
function sizesHtml(night: Night): Html | null {
  const chart = segmentSizes(night);
  return (
    chart &&
    markup`<section aria-labelledby="sizes"><h2 id="sizes">How large its segments are</h2>${chartsHtml(night, [chart])}</section>`
  );
}

function runsHtml(runs: readonly RunRecord[]): Html {
  const longest = Math.max(0, ...runs.map((run) => tookMs(run) ?? 0));
  const columns = [
    'Run',
    'Status',
    'As of',
    'Started (UTC)',
    'Took',
    'Customers',
    'Entered',
    'Moved',
    'Left',
    'Trigger',
  ];
  return gridHtml(
    'Runs',
    columns,
    runs.map((run) => rowOf(run, longest)),
  );
}

function rowOf(run: RunRecord, longest: number): Cells {
  const number = (key: string): string => {
    const value = run.counts[key];
    return value === undefined ? '–' : count(value);
  };
  return [
    markup`<a class="id" href="/runs/${run.runId}">${run.runId}</a>`,
    markup`${statusHtml(run.status)} ${run.errorCode ?? ''}`,
    run.asOf,
    instantHtml(run.startedAt),
    durationHtml(tookMs(run), longest),
    number('extracted'),
    number('entered'),
    number('moved'),
    number('left'),
    run.trigger.replaceAll('_', ' '),
  ];
}

function tookMs({ startedAt, finishedAt }: RunRecord): number | null {
  return finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt);
}
