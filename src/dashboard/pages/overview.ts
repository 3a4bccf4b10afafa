import { count } from '../../report/format.ts';
import { markup, type Html } from '../../report/html/html.ts';
import type { JobStanding } from '../../pipeline/inquiries/job-standing.ts';
import type { Place } from '../place.ts';
import { dashboardPage } from './page.ts';
import { gridHtml, instantHtml, statusHtml, type Cells } from './parts.ts';

/** The first page: what waits for somebody, then how every job stands. */
export function overviewPage(place: Place, standings: readonly JobStanding[]): string {
  const waiting = standings.flatMap(({ job, waiting: runs }) => runs.map((run) => ({ job, ...run })));
  return dashboardPage(place, {
    title: titleOf(standings, waiting.length),
    chapter: 'overview',
    main: markup`
      ${
        waiting.length === 0
          ? null
          : markup`<section class="waiting" aria-labelledby="waiting"><h2 id="waiting">Waiting for a decision</h2>
      <ul class="cards">${waiting.map(
        ({ job, runId, status }) =>
          markup`<li><a href="/runs/${runId}"><strong>${job}</strong> ${statusHtml(status)}<br><span class="id">${runId}</span></a></li>`,
      )}</ul></section>`
      }
      <section aria-labelledby="jobs"><h2 id="jobs">Jobs</h2>
      ${gridHtml('Jobs', ['Job', 'Verdict', 'Last success (UTC)', 'Newest run', 'Next due (UTC)', 'Running', 'CRM sync'], standings.map(rowOf))}
      </section>`,
  });
}

function titleOf(standings: readonly JobStanding[], waiting: number): string {
  const overdue = standings.filter(({ overdueSince }) => overdueSince !== null).length;
  const parts = [
    ...(waiting > 0 ? [`${count(waiting)} ${waiting === 1 ? 'night waits' : 'nights wait'} for a decision`] : []),
    ...(overdue > 0 ? [`${count(overdue)} ${overdue === 1 ? 'job is' : 'jobs are'} overdue`] : []),
  ];
  return parts.length === 0 ? 'All is well' : parts.join('; ');
}

function rowOf(standing: JobStanding): Cells {
  const { job, lastSuccess, lastRun, nextDue, lease, consumers, overdueSince } = standing;
  const behind = consumers.filter((consumer) => consumer.behind).length;
  const open = consumers.reduce((sum, { changes }) => sum + changes, 0);
  return [
    markup`<a href="/jobs/${job}">${job}</a>`,
    overdueSince === null ? '✓ ok' : markup`✕ overdue since ${instantHtml(overdueSince)}`,
    instantHtml(lastSuccess?.at),
    lastRun === null ? 'none' : runLink(lastRun.runId, statusHtml(lastRun.status), lastRun.errorCode),
    nextDue === null ? 'no schedule' : instantHtml(nextDue),
    lease === null ? '–' : lease.expired ? 'no sign of life' : markup`<a href="/runs/${lease.runId}">now</a>`,
    consumers.length === 0 ? '–' : `${count(open)} changes to take${behind > 0 ? ', too far behind' : ''}`,
  ];
}

function runLink(runId: string, status: Html, errorCode: string | null): Html {
  return markup`<a href="/runs/${runId}">${status}</a>${errorCode === null ? '' : ` ${errorCode}`}`;
}
