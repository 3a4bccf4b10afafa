import { compareRuns, type RunDifference } from '../pipeline/inquiries/compare-runs.ts';
import { measure, percent, signed } from '../report/format.ts';
import { movesMatrix } from '../report/tables/moves.ts';
import { formatCount } from './text/numbers.ts';
import { openProject } from './project.ts';
import { formatReportTable } from './text/report-table.ts';
import { formatTable } from './text/table.ts';
import type { Terminal } from './terminal.ts';
import { withStore, type StoreOptions } from './with-staging.ts';

/** `segtag diff <run> <other>`: what changed from the first run to the second. Returns the exit code. */
export async function diffCommand(
  terminal: Terminal,
  { before, after }: { readonly before: string; readonly after: string },
  options: StoreOptions,
): Promise<number> {
  const difference = await withStore(openProject(options), options.connection, (staging) =>
    compareRuns(staging, before, after),
  );
  terminal.print(options.json ? JSON.stringify(difference) : differenceText(difference, terminal.width));
  return 0;
}

function differenceText(difference: RunDifference, width: number | undefined): string {
  const { before, after } = difference;
  const parts = [
    [before, after].map(({ run, as_of: asOf, status }) => `${run}: ${status}, as of ${asOf}`).join('\n'),
    segmentsText(difference, width),
    renamedText(difference),
    movesText(difference, width),
    figuresText(difference, width),
    modelText(difference, width),
    lastLine(difference),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function segmentsText({ segments }: RunDifference, width: number | undefined): string {
  const titles = ['Segment', 'Before', 'After', 'Change', 'Share before', 'Share after'];
  const rows = segments
    .filter(({ customers }) => customers.before + customers.after > 0)
    .map(({ segment, name, customers, share }) => [
      name.after ?? name.before ?? segment,
      formatCount(customers.before),
      formatCount(customers.after),
      signed(customers.after - customers.before),
      percent(share.before),
      percent(share.after),
    ]);
  return formatTable(columnsOf(titles), rows, width);
}

/** Segments that one run does not know, or that are called or used otherwise. */
function renamedText({ segments }: RunDifference): string {
  return segments
    .flatMap(({ segment, name, campaign }) => {
      if (name.before === null) return [`  ${segment} is new: ${name.after}`];
      if (name.after === null) return [`  ${segment} is gone: ${name.before}`];
      return [
        ...(name.before === name.after ? [] : [`  ${segment} was called ${name.before}, and is called ${name.after}`]),
        ...(campaign.before === campaign.after
          ? []
          : [`  ${segment} was for ${campaign.before ?? 'nothing'}, and is for ${campaign.after ?? 'nothing'}`]),
      ];
    })
    .join('\n');
}

function movesText({ moves, segments }: RunDifference, width: number | undefined): string {
  if (moves === null)
    return '  Who moved is not known: changes between these runs have been pruned, or a plan dropped.';
  if (moves.length === 0) return '  No customer has another segment.';
  const shown = segments.map(({ segment, name, customers }) => ({
    segment,
    name: name.after ?? name.before ?? segment,
    customers: customers.after,
  }));
  return formatReportTable(movesMatrix({ moves, segments: shown }), width);
}

function figuresText({ figures, psi, ari }: RunDifference, width: number | undefined): string {
  const rows = figures
    .filter(({ before, after }) => before !== after)
    .map(({ figure, before, after }) => [figure.replaceAll('_', ' '), orDash(before), orDash(after)]);
  const table = rows.length === 0 ? '' : `${formatTable(columnsOf(['Figure', 'Before', 'After']), rows, width)}\n\n`;
  return `${table}  stability index ${orDash(psi)} (0: the same sizes), Rand index ${orDash(ari)} (1: the same groups)`;
}

function modelText({ model }: RunDifference, width: number | undefined): string {
  if (model === null || model.length === 0) return '';
  const columns = ['Model', 'Before', 'After'].map((title) => ({ title, align: 'left' }) as const);
  const rows = model.map(({ what, before, after }) => [what, before ?? '–', after ?? '–']);
  return formatTable(columns, rows, width);
}

function lastLine({ same, moves }: RunDifference): string {
  const parts = Object.entries(same).map(([what, isSame]) => {
    const verdict = isSame === null ? 'not known' : isSame ? 'the same' : 'changed';
    return `${what === 'job' ? 'job file' : what} ${verdict}`;
  });
  const moved = moves?.reduce((sum, { customers }) => sum + customers, 0);
  const who =
    moved === undefined ? '' : `${formatCount(moved)} ${moved === 1 ? 'customer differs' : 'customers differ'}; `;
  return `${who}${parts.join(', ')}. Nothing was written.`;
}

function columnsOf(titles: readonly string[]) {
  return titles.map((title, i) => ({ title, align: i === 0 ? 'left' : 'right' }) as const);
}

function orDash(value: number | null): string {
  if (value === null) return '–';
  return Math.abs(value) < 1 && value !== 0 ? value.toFixed(3) : measure(value);
}
