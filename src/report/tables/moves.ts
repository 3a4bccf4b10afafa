import { columnTitle } from '../format.ts';
import type { Night, NightSegment, NightSummary } from '../night.ts';
import { namesOf } from '../segments.ts';
import type { Cell, Table } from '../table.ts';

/** Customers who moved, and the segments with those who are in them now. */
export type Moved = Pick<NightSummary, 'moves'> & {
  readonly segments: readonly Pick<NightSegment, 'segment' | 'name' | 'customers'>[];
};

/** From each segment (row) to each (column): those who stayed, too, and those who entered and left. */
export function movesMatrix({ moves, segments }: Moved): Table {
  const used = new Set(moves.flatMap(({ from, to }) => [from, to]));
  const listed = segments.filter(({ segment, customers }) => customers > 0 || used.has(segment));
  const gone = [...used].filter(
    (slug) => slug !== null && !segments.some(({ segment }) => segment === slug),
  ) as string[];
  const slugs = [...listed.map(({ segment }) => segment), ...gone];
  const nameOf = namesOf({ segments });
  const moved = (from: string | null, to: string | null): number =>
    moves.find((move) => move.from === from && move.to === to)?.customers ?? 0;
  const stayed = (slug: string): number => {
    const now = segments.find(({ segment }) => segment === slug)?.customers ?? 0;
    return now - moves.filter(({ to }) => to === slug).reduce((sum, { customers }) => sum + customers, 0);
  };
  const row = (from: string | null): Cell[] => [
    from === null ? '(entered)' : nameOf(from),
    ...slugs.map((to) => (from === to ? stayed(to) : moved(from, to)) || null),
    (from === null ? 0 : moved(from, null)) || null,
  ];
  return {
    id: 'moves',
    title: 'From the segment of the row to the one of the column; who stayed is where both are the same',
    columns: [
      { title: 'From', kind: 'text' },
      ...[...slugs.map(nameOf), '(left)'].map((title) => ({ title, kind: 'count' }) as const),
    ],
    rows: [...slugs.map(row), row(null)],
    segmentOfRow: [...slugs.map((slug) => placeOrNull(segments, slug)), null],
  };
}

/** The movers worth most, with the reason; their ids and values only where they may be shown. Null where nobody moved. */
export function moversTable({ summary, figures }: Night): Table | null {
  if (!figures || figures.movers.length === 0) return null;
  const { movers, axes } = figures;
  const nameOf = namesOf(summary);
  const isShown = movers.some(({ customer_id: id }) => id !== undefined);
  const segmentText = (slug: string | null): string => (slug === null ? '' : nameOf(slug));
  const all = movers.length === summary.counts.moved;
  return {
    id: 'movers',
    title: `${all ? 'Who moved' : `The ${movers.length} movers worth most`}, and why`,
    columns: [
      { title: isShown ? 'Customer' : 'By value', kind: 'text' },
      { title: 'From', kind: 'text' },
      { title: 'To', kind: 'text' },
      ...(isShown && axes.value !== null ? [{ title: columnTitle(axes.value), kind: 'measure' } as const] : []),
      { title: 'Why', kind: 'text' },
    ],
    rows: movers.map(({ customer_id: id, from, to, value, reason, detail }, i) => [
      isShown ? (id ?? '') : `${i + 1}.`,
      segmentText(from),
      segmentText(to),
      ...(isShown && axes.value !== null ? [value ?? null] : []),
      isShown ? (detail ?? reason) : reason,
    ]),
  };
}

function placeOrNull(segments: Moved['segments'], slug: string): number | null {
  const place = segments.findIndex(({ segment }) => segment === slug);
  return place < 0 ? null : place;
}
