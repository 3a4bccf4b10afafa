import { longDay } from '../../report/format.ts';
import { contentOf } from '../../report/content.ts';
import { headlineOf } from '../../report/headline.ts';
import { markup, type Html } from '../../report/html/html.ts';
import { tableHtml } from '../../report/html/table.ts';
import type { Night } from '../../report/night.ts';
import { movesMatrix } from '../../report/tables/moves.ts';
import { segmentTable } from '../../report/tables/segments.ts';
import { verdictTable } from '../../report/tables/soundness.ts';
import type { Decision } from '../../staging/runs/decisions.ts';
import type { RunRecord } from '../../staging/runs/run-record.ts';
import type { Place } from '../place.ts';
import { fieldHtml, formHtml } from './form.ts';
import { dashboardPage } from './page.ts';
import { chartsHtml, instantHtml, statusHtml } from './parts.ts';

export type RunPageParts = {
  readonly run: RunRecord;
  /** Null where the run computed nothing. */
  readonly night: Night | null;
  readonly decisions: readonly Decision[];
  /** The token of our forms. */
  readonly form: string;
};

/** A run: what it found, what was decided about it, and what may be. */
export function runPage(place: Place, { run, night, decisions, form }: RunPageParts): string {
  return dashboardPage(place, {
    title: night === null ? run.runId : headlineOf(night),
    eyebrow: `${run.job} · night of ${longDay(run.asOf)}`,
    chapter: 'runs',
    hasCharts: night !== null,
    main: markup`
      ${stateHtml(run)}
      ${run.errorCode === null ? null : failureHtml(run)}
      ${heldHtml(run, night)}
      ${decisionsHtml(decisions)}
      ${place.readOnly ? null : actionsHtml(run, form)}
      ${night === null ? null : nightHtml(night)}`,
  });
}

function stateHtml({ runId, status, startedAt, finishedAt, trigger }: RunRecord): Html {
  const isRunning = status === 'running';
  return markup`<p class="state"${isRunning ? markup` data-events="/runs/${runId}/events"` : null}>
    ${statusHtml(status)} <span class="id">${runId}</span>, ${trigger.replaceAll('_', ' ')}, started ${instantHtml(startedAt)}${finishedAt === null ? '' : markup`, ended ${instantHtml(finishedAt)}`}
    ${isRunning ? markup`<span role="status" class="progress"></span>` : null}</p>`;
}

function failureHtml({ errorCode, errorMessage }: RunRecord): Html {
  return markup`<div class="alarm"><p><strong>${errorCode}</strong></p><p class="lines">${errorMessage ?? ''}</p></div>`;
}

function heldHtml({ status }: RunRecord, night: Night | null): Html | null {
  const held = night?.summary.guards.filter(({ verdict }) => verdict === 'held') ?? [];
  if (status !== 'held') return null;
  return markup`<div class="alarm"><p><strong>Held: nothing has been published.</strong> The tags are those of the night before, until somebody approves or rejects this one.</p>
    ${held.map(({ message, limit }) => markup`<p>${message} (limit: ${limit})</p>`)}</div>`;
}

function decisionsHtml(decisions: readonly Decision[]): Html | null {
  if (decisions.length === 0) return null;
  return markup`<section aria-labelledby="decisions"><h2 id="decisions">Decided</h2><ul class="plain">
    ${decisions.map(
      ({ action, decidedBy, decidedAt, reason }) =>
        markup`<li><strong>${action}</strong> by ${decidedBy}, ${instantHtml(decidedAt)}${reason === null ? '' : `: ${reason}`}</li>`,
    )}</ul></section>`;
}

/** What may be done with a run in its state. */
function actionsHtml({ runId, job, status }: RunRecord, token: string): Html | null {
  const action = (name: string): string => `/runs/${runId}/${name}`;
  const confirm = fieldHtml({ name: 'confirm', label: `Type ${job} to confirm`, isRequired: true });
  const forms: Html[] = [];
  if (status === 'held' || status === 'planned') {
    forms.push(
      formHtml({
        action: action('approve'),
        button: 'Approve and publish',
        token,
        fields: [reasonField(status === 'held')],
      }),
      formHtml({ action: action('reject'), button: 'Reject', token, fields: [reasonField(false)], isRisky: true }),
    );
  }
  if (['failed', 'crashed', 'aborted'].includes(status))
    forms.push(formHtml({ action: action('retry'), button: 'Try again', token, fields: [reasonField(false)] }));
  if (status === 'published' || status === 'rolled_back')
    forms.push(
      formHtml({
        action: action('rollback'),
        button: 'Bring these tags back',
        token,
        fields: [confirm, reasonField(false)],
        isRisky: true,
      }),
    );
  if (forms.length === 0) return null;
  return markup`<section aria-labelledby="decide"><h2 id="decide">Decide</h2><div class="forms">${forms}</div></section>`;
}

function reasonField(isRequired: boolean): Html {
  const label = isRequired ? 'Why is this night right?' : 'Reason (kept with the run)';
  return fieldHtml({ name: 'reason', label, isRequired });
}

function nightHtml(night: Night): Html {
  const { runId, summary, figures } = night;
  const tables = [segmentTable(summary, figures), movesMatrix(summary), verdictTable(summary)];
  const charts = contentOf(night).flatMap(({ parts }) =>
    parts.flatMap((part) => (part.kind === 'chart' ? [part.chart] : [])),
  );
  return markup`<section aria-labelledby="found"><h2 id="found">What it found</h2>
      <p><a href="/runs/${runId}/report">Open the whole report</a> · <a href="/runs/${runId}/diff">Compare with another run</a></p>
      ${tables.map(tableHtml)}
      ${chartsHtml(night, charts)}</section>`;
}
