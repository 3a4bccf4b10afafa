import { columnTitle, lowered } from '../format.ts';
import type { Night, NightSummary } from '../night.ts';
import { shownSegments, type ShownSegment } from '../segments.ts';
import type { Cell, ReportColumn, Table } from '../table.ts';

type Part = { readonly column: ReportColumn; readonly cellOf: (segment: ShownSegment) => Cell };

const mostFigures = 4;

/** Customers, shares, what changed since the published night, and what is typical of each segment. */
export function segmentTable(summary: NightSummary, figures: Night['figures']): Table {
  const segments = shownSegments(summary);
  const hasValue = segments.some(({ value_share: share }) => share !== null);
  const parts: readonly Part[] = [
    part('Segment', 'text', ({ name }) => name),
    part('Customers', 'count', ({ customers }) => customers),
    part('Share', 'share', ({ share }) => share),
    ...(summary.run.base_run === null ? [] : [part('Change', 'change', (each) => netChange(summary, each))]),
    ...(hasValue ? [part('Value share', 'share', ({ value_share: share }) => share)] : []),
    ...typical(segments, figures),
    part('Use it for', 'text', ({ campaign }) => campaign ?? ''),
  ];
  return {
    id: 'segments',
    title: 'Segments',
    columns: parts.map(({ column }) => column),
    rows: segments.map((segment) => parts.map(({ cellOf }) => cellOf(segment))),
    segmentOfRow: segments.map(({ place }) => place),
  };
}

/** The middle of the most telling columns; of days the mean, by which people think of a wait. */
function typical(segments: readonly ShownSegment[], figures: Night['figures']): Part[] {
  const columns = figures?.axes.typical ?? Object.keys(segments[0]?.profile ?? {});
  return columns.slice(0, mostFigures).map((name) => {
    const statistic = name === figures?.axes.recency ? 'mean' : 'median';
    const title = `${statistic === 'mean' ? 'Mean' : 'Median'} ${lowered(columnTitle(name))}`;
    return part(title, 'measure', ({ profile }) => profile[name]?.[statistic] ?? null);
  });
}

/** Customers who came to the segment less those who went from it. */
function netChange({ moves }: NightSummary, { segment }: ShownSegment): number {
  return moves.reduce(
    (net, { from, to, customers }) => net + (to === segment ? customers : 0) - (from === segment ? customers : 0),
    0,
  );
}

function part(title: string, kind: ReportColumn['kind'], cellOf: Part['cellOf']): Part {
  return { column: { title, kind }, cellOf };
}
