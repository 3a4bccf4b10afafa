import { duration } from '../format.ts';
import type { Night, PastNight } from '../night.ts';
import { plainOption, quietAxis, textSize, type Chart } from './chart.ts';
import type { ChartSpace } from './theme.ts';

/** What marks a night that did not publish, where there is no room for a word. */
const marks: Readonly<Record<string, string>> = {
  held: 'H',
  planned: 'P',
  failed: '✕',
  aborted: '✕',
  crashed: '✕',
  rejected: 'R',
  superseded: 'S',
  no_change: '=',
};

const mostNights = { wide: 30, narrow: 14 };

/** How long this night and those before it took, and how they ended; null for the first. */
export function runHistory(night: Night): Chart | null {
  if (!night.figures || night.figures.history.length === 0) return null;
  const nights = [current(night), ...night.figures.history].slice(0, mostNights.wide);
  return {
    id: 'run-history',
    title: 'This night and those before it',
    description: `How long each run took, the newest on the right. A letter stands over a run that did not publish: = nothing changed, H held, P planned, R rejected, S superseded by a newer run, ✕ failed.`,
    table: {
      id: 'run-history',
      title: 'Runs, newest first',
      columns: [
        { title: 'Run', kind: 'text' },
        { title: 'As of', kind: 'text' },
        { title: 'Status', kind: 'text' },
        { title: 'Took', kind: 'duration' },
        { title: 'Customers read', kind: 'count' },
        { title: 'Moved', kind: 'count' },
      ],
      rows: nights.map((each) => [
        each.run_id,
        each.as_of,
        each.status.replaceAll('_', ' '),
        each.duration_ms,
        each.extracted,
        each.moved,
      ]),
    },
    height: () => 240,
    option: (space) => optionOf(nights, space),
  };
}

function current({ runId, asOf, status, startedAt, finishedAt, summary }: Night): PastNight {
  return {
    run_id: runId,
    as_of: asOf,
    status,
    started_at: startedAt,
    duration_ms: finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt),
    extracted: summary.counts.extracted,
    moved: summary.counts.moved,
  };
}

function optionOf(nights: readonly PastNight[], space: ChartSpace): ReturnType<Chart['option']> {
  const { theme, isNarrow } = space;
  const axis = quietAxis(space);
  const shown = nights.slice(0, isNarrow ? mostNights.narrow : mostNights.wide).toReversed();
  return {
    ...plainOption(space),
    grid: { left: 70, right: 8, top: 30, bottom: 30 },
    xAxis: {
      ...axis,
      type: 'category',
      data: shown.map(({ as_of: day }) => day.slice(5)),
      axisLabel: { ...axis.axisLabel, hideOverlap: true },
    },
    yAxis: {
      ...axis,
      type: 'value',
      min: 0,
      splitNumber: 3,
      axisLabel: { ...axis.axisLabel, formatter: (value: number) => duration(value) },
    },
    series: [
      {
        type: 'bar',
        silent: true,
        barMaxWidth: 28,
        data: shown.map(({ duration_ms: ms, status }) => ({
          value: ms ?? 0,
          itemStyle: { color: status === 'published' ? theme.accent : theme.tint(1) },
          label: { formatter: marks[status] ?? '' },
        })),
        label: { show: true, position: 'top', color: theme.ink, fontSize: textSize, fontWeight: 'bold' },
      },
    ],
  };
}
