import type { RunSummary, SegmentSummary } from '../../pipeline/summary.ts';
import { agreementText } from './agreement.ts';
import { formatCount, formatShare, formatValue } from './numbers.ts';
import { scoringText } from './scoring.ts';
import { recommendationText } from './recommendations.ts';
import { sharesText } from './shares.ts';
import { formatTable, type TableColumn } from './table.ts';

export type SummaryTextOptions = { readonly width?: number | undefined; readonly showIds: boolean };

type MovesAndGuards = Pick<RunSummary, 'moves' | 'guards'> & { readonly counts: { readonly moved: number } };

/** The result of a run for a person: the segments, what moved, what a guard said, and last what was written. */
export function formatSummary(summary: RunSummary, options: SummaryTextOptions): string {
  const parts = [
    segmentTable(summary, options.width),
    sharesText(summary, options.width),
    scoringText(summary),
    agreementText(summary, options.width),
    recommendationText(summary, options.width),
    movesText(summary, options.width),
    sampleText(summary, options),
    guardText(summary),
    noteText(summary),
  ];
  return [...parts.filter((part) => part !== ''), `${lastLine(summary)}${reportText(summary)}`].join('\n\n');
}

/** Where the report is; on a line of its own behind commands to type. */
function reportText({ run, report }: RunSummary): string {
  if (report === undefined) return '';
  return `${run.status === 'held' || run.status === 'planned' ? '\n' : ' '}Report: ${report}`;
}

/** What the run wrote, and where it is. */
function lastLine(summary: RunSummary): string {
  const { run, counts } = summary;
  const place = `${run.table} (${run.staging})`;
  const changed = counts.entered + counts.moved + counts.left + counts.updated;
  const updated = counts.updated > 0 ? `, ${formatCount(counts.updated)} updated` : '';
  const details = `${formatCount(counts.entered)} entered, ${formatCount(counts.moved)} moved, ${formatCount(counts.left)} left${updated}${listsText(summary)}`;
  switch (run.status) {
    case 'published':
      return `Wrote ${formatCount(changed)} tags to ${place}: ${details}.`;
    case 'no_change':
      return `0 changes. Nothing was written; ${place} still has the tags of ${run.base_run}.`;
    case 'held':
      return `Held. Nothing was written to ${place}. Look: segtag show ${run.id} · publish it all the same: segtag approve ${run.id}`;
    case 'planned':
      return `Planned: ${details}. Nothing was written to ${place}. Publish it: segtag approve ${run.id}`;
    default:
      return `${run.status}: ${run.id}`;
  }
}

function listsText({ recommendations }: RunSummary): string {
  const changed = recommendations ? recommendations.lists_written + recommendations.lists_removed : 0;
  return changed > 0 ? `; ${formatCount(changed)} lists of product_recommendation` : '';
}

function segmentTable(summary: RunSummary, width: number | undefined): string {
  const shown = summary.segments.filter(({ customers }) => customers > 0);
  const columns = Object.keys(shown[0]?.profile ?? {});
  const hasValue = shown.some(({ value_share: share }) => share !== null);
  const titles: TableColumn[] = [
    { title: 'Segment', align: 'left' },
    { title: 'Customers', align: 'right' },
    { title: 'Share', align: 'right' },
    ...(hasValue ? [{ title: 'Value share', align: 'right' } as const] : []),
    ...columns.map((column) => ({ title: `Median ${column}`, align: 'right' }) as const),
    { title: 'Use it for', align: 'left' },
  ];
  const row = (segment: SegmentSummary): string[] => [
    segment.name,
    formatCount(segment.customers),
    formatShare(segment.share),
    ...(hasValue ? [orDash(segment.value_share, formatShare)] : []),
    ...columns.map((column) => orDash(segment.profile[column]?.median, formatValue)),
    segment.campaign ?? '',
  ];
  return formatTable(titles, shown.map(row), width);
}

/** Who moved from where to where, the largest first. */
export function movesText({ moves, counts }: MovesAndGuards, width?: number): string {
  const between = moves.filter(({ from, to }) => from !== null && to !== null);
  if (between.length === 0 || counts.moved === 0) return '';
  const rows = between.slice(0, 10).map(({ from, to, customers }) => [`${from} → ${to}`, formatCount(customers)]);
  return formatTable(
    [
      { title: 'Moved', align: 'left' },
      { title: 'Customers', align: 'right' },
    ],
    rows,
    width,
  );
}

function sampleText({ sample }: RunSummary, { showIds, width }: SummaryTextOptions): string {
  if (sample.length === 0) return '';
  const rows = sample.map(({ customer_id: id, from, to, reason, detail }) => [
    ...(showIds ? [id ?? ''] : []),
    `${from ?? '(none)'} → ${to ?? '(left)'}`,
    showIds ? (detail ?? reason) : reason,
  ]);
  const titles = [...(showIds ? ['Customer'] : []), 'Change', 'Why (a few of them)'];
  return formatTable(
    titles.map((title) => ({ title, align: 'left', isWhole: title === 'Customer' }) as const),
    rows,
    width,
  );
}

/** What guards held or warned of. */
export function guardText({ guards }: MovesAndGuards): string {
  const trouble = guards.filter(({ verdict }) => verdict === 'held' || verdict === 'warned');
  return trouble
    .map(({ guard, verdict, message, limit }) => `  ${verdict} by ${guard}: ${message} (limit ${limit})`)
    .join('\n');
}

function noteText({ notes }: RunSummary): string {
  return notes.map((note) => `  note: ${note}`).join('\n');
}

function orDash(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value);
}
