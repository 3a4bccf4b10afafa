import { columnTitle } from '../format.ts';
import type { NightSummary } from '../night.ts';
import { shownSegments, type ShownSegment } from '../segments.ts';
import type { Cell, ReportColumn, Table } from '../table.ts';

/** Customers, shares, what changed since the published night, and the middle of each column. */
export function segmentTable(summary: NightSummary): Table {
  const segments = shownSegments(summary);
  const columns = Object.keys(segments[0]?.profile ?? {});
  const hasValue = segments.some(({ value_share: share }) => share !== null);
  const hasBase = summary.run.base_run !== null;
  const parts: { readonly column: ReportColumn; readonly cellOf: (segment: ShownSegment) => Cell }[] = [
    { column: { title: 'Segment', kind: 'text' }, cellOf: ({ name }) => name },
    { column: { title: 'Customers', kind: 'count' }, cellOf: ({ customers }) => customers },
    { column: { title: 'Share', kind: 'share' }, cellOf: ({ share }) => share },
    ...(hasBase
      ? [
          {
            column: { title: 'Change', kind: 'change' } as const,
            cellOf: (each: ShownSegment) => netChange(summary, each),
          },
        ]
      : []),
    ...(hasValue
      ? [{ column: { title: 'Value share', kind: 'share' } as const, cellOf: (each: ShownSegment) => each.value_share }]
      : []),
    ...columns.map((name) => ({
      column: { title: `Median ${lowered(columnTitle(name))}`, kind: 'measure' } as const,
      cellOf: ({ profile }: ShownSegment) => profile[name]?.median ?? null,
    })),
    { column: { title: 'Use it for', kind: 'text' }, cellOf: ({ campaign }) => campaign ?? '' },
  ];
  return {
    id: 'segments',
    title: 'Segments',
    columns: parts.map(({ column }) => column),
    rows: segments.map((segment) => parts.map(({ cellOf }) => cellOf(segment))),
    segmentOfRow: segments.map(({ place }) => place),
  };
}

/** Customers who came to the segment less those who went from it. */
function netChange({ moves }: NightSummary, { segment }: ShownSegment): number {
  return moves.reduce(
    (net, { from, to, customers }) => net + (to === segment ? customers : 0) - (from === segment ? customers : 0),
    0,
  );
}

function lowered(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}
