import { contentOf, type Part, type Section } from './content.ts';
import { drawings } from './drawings.ts';
import { count, duration, instant, longDay } from './format.ts';
import { headlineOf } from './headline.ts';
import { figureHtml } from './html/figure.ts';
import { markup, type Html } from './html/html.ts';
import { pageText } from './html/page.ts';
import { tableHtml } from './html/table.ts';
import type { Night } from './night.ts';
import { shownSegments } from './segments.ts';
import { passedText } from './tables/soundness.ts';

/** The report of a night as one file of HTML. The same night gives the same bytes. */
export function renderReport(night: Night): string {
  const sections = contentOf(night);
  return pageText({
    title: `${night.job}, ${longDay(night.asOf)}`,
    header: headerOf(night, sections),
    main: markup`${sections.map(sectionHtml)}`,
    footer: footerOf(night),
  });
}

function headerOf(night: Night, sections: readonly Section[]): Html {
  const { summary, status } = night;
  const { counts } = summary;
  const customers = shownSegments(summary).reduce((sum, segment) => sum + segment.customers, 0);
  const facts = [
    ['Status', status.replaceAll('_', ' ')],
    ['Customers', count(customers)],
    ['Moved', count(counts.moved)],
    ['Entered', count(counts.entered)],
    ['Left', count(counts.left)],
    ['Checks passed', passedText(summary)],
  ];
  return markup`<p class="eyebrow">${night.job} · night of ${longDay(night.asOf)}</p>
    <h1>${headlineOf(night)}</h1>
    ${alarmOf(night)}
    <dl class="facts">
      ${facts.map(
        ([term, value]) =>
          markup`<div>
            <dt>${term}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <nav aria-label="Contents">
      <ul>
        ${sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)}
      </ul>
    </nav>`;
}

/** Why a night waits for somebody's decision. */
function alarmOf({ status, summary }: Night): Html | null {
  const held = summary.guards.filter(({ verdict }) => verdict === 'held');
  if (status !== 'held') return null;
  return markup`<div class="alarm">
    <p>
      <strong>Held: nothing has been published.</strong> The tags are those of the night before, until somebody approves
      or rejects this one.
    </p>
    ${held.map(({ message, limit }) => markup`<p>${message} (limit: ${limit})</p>`)}
  </div>`;
}

function sectionHtml({ id, title, lead, parts }: Section): Html {
  return markup`<section id="${id}" aria-labelledby="${id}-heading">
    <h2 id="${id}-heading">${title}</h2>
    <p>${lead}</p>
    ${parts.map(partHtml)}
  </section>`;
}

function partHtml(part: Part): Html {
  if (part.kind === 'table') return tableHtml(part.table);
  return figureHtml(part.chart, drawings(part.chart));
}

function footerOf({ runId, summary, startedAt, finishedAt }: Night): Html {
  const took = finishedAt === null ? '' : `, took ${duration(Date.parse(finishedAt) - Date.parse(startedAt))}`;
  return markup`<p>
      Run ${runId}, started ${instant(startedAt)}${took}, target ${summary.run.target}, table ${summary.run.table}.
    </p>
    <p>
      ${summary.run.base_run === null ? 'The first published night of this job.' : markup`Compared with ${summary.run.base_run}.`}
      Made by segtag from what its run store keeps.
    </p>`;
}
