import type { LineSeriesOption } from 'echarts';
import { longDay, short } from '../format.ts';
import type { Night } from '../night.ts';
import { namesOf, type ShownSegment } from '../segments.ts';
import { plainOption, quietAxis, textSize, type Chart } from './chart.ts';
import type { ChartSpace } from './theme.ts';

type Sizes = { readonly asOf: string; readonly customers: Readonly<Record<string, number>> };
type Band = Pick<ShownSegment, 'place' | 'name' | 'number'> & { readonly customers: readonly number[] };

const mostNights = 90;
const markSize = 20;
const grid = { left: 58, right: 36, top: 12, bottom: 30 };

/** How many customers each segment had, night by night up to this one; null where there is no night before. */
export function segmentSizes(night: Night): Chart | null {
  const nights = sizesByNight(night);
  if (nights.length < 2) return null;
  const bands = bandsOf(night, nights);
  const height = Math.max(300, bands.length * (markSize + 2) + grid.top + grid.bottom);
  return {
    id: 'segment-sizes',
    title: `Segment sizes over ${nights.length} nights`,
    description: `Each band is a segment, as high as it had customers, from ${longDay(nights[0]!.asOf)} to ${longDay(night.asOf)}. ${closing(night)} A night that the CRM never had is left out, and of a day with more than one the last is shown. More is not better: a growing win-back segment is bad news.`,
    legend: bands,
    table: {
      id: 'segment-sizes',
      title: 'Customers by segment, newest night first',
      columns: [
        { title: 'As of', kind: 'text' },
        ...bands.map(({ name }) => ({ title: name, kind: 'count' }) as const),
      ],
      rows: nights.map(({ asOf }, i) => [asOf, ...bands.map(({ customers }) => customers[i]!)]).toReversed(),
    },
    height: () => height,
    option: (space) => optionOf({ nights, bands, height }, space),
  };
}

/** The nights whose tags the CRM had, and this one, oldest first. */
function sizesByNight({ asOf, summary, figures }: Night): Sizes[] {
  const current = Object.fromEntries(summary.segments.map(({ segment, customers }) => [segment, customers]));
  const byDay = new Map<string, Sizes>([[asOf, { asOf, customers: current }]]);
  for (const { as_of: day, customers } of figures?.history ?? [])
    if (customers && !byDay.has(day)) byDay.set(day, { asOf: day, customers });
  return [...byDay.values()].slice(0, mostNights).toReversed();
}

/** The segments that anybody was in, in the order of the job; those that it no longer has come last. */
function bandsOf({ summary }: Night, nights: readonly Sizes[]): Band[] {
  const slugs = new Set([
    ...summary.segments.map(({ segment }) => segment),
    ...nights.toReversed().flatMap(({ customers }) => Object.keys(customers)),
  ]);
  const nameOf = namesOf(summary);
  return [...slugs]
    .map((slug, place) => ({
      place,
      number: place + 1,
      name: nameOf(slug),
      customers: nights.map(({ customers }) => customers[slug] ?? 0),
    }))
    .filter(({ customers }) => customers.some((count) => count > 0));
}

function closing({ status }: Night): string {
  return status === 'published' || status === 'no_change'
    ? 'The last is this night.'
    : 'The last is this night, which is not published.';
}

type Drawn = { readonly nights: readonly Sizes[]; readonly bands: readonly Band[]; readonly height: number };

function optionOf({ nights, bands, height }: Drawn, space: ChartSpace): ReturnType<Chart['option']> {
  const axis = quietAxis(space);
  const most = Math.max(...nights.map((_, i) => bands.reduce((sum, { customers }) => sum + customers[i]!, 0)));
  const shifts = markShifts(bands, { most, height: height - grid.top - grid.bottom });
  return {
    ...plainOption(space),
    grid,
    xAxis: {
      ...axis,
      type: 'category',
      boundaryGap: false,
      data: nights.map(({ asOf }) => asOf.slice(5)),
      axisLabel: { ...axis.axisLabel, hideOverlap: true },
    },
    yAxis: {
      ...axis,
      type: 'value',
      min: 0,
      max: most,
      splitNumber: 4,
      axisLabel: { ...axis.axisLabel, showMaxLabel: false, formatter: (value: number) => short(value) },
    },
    series: bands.map((band, i) => areaOf(band, shifts[i]!, space)),
  };
}

function areaOf({ place, number, name, customers }: Band, shift: number, { theme }: ChartSpace): LineSeriesOption {
  const color = theme.segment(place);
  const last = customers.length - 1;
  return {
    type: 'line',
    name,
    silent: true,
    stack: 'customers',
    // The first segment lies on top.
    stackOrder: 'seriesDesc',
    symbol: 'none',
    showAllSymbol: true,
    lineStyle: { color: theme.surface, width: 1.5 },
    itemStyle: { color },
    areaStyle: { color, opacity: 1 },
    data: customers.map((value, i) =>
      i < last ? value : { value, symbol: 'circle', symbolSize: markSize, symbolOffset: [18, shift] },
    ),
    label: {
      show: true,
      position: 'inside',
      color: theme.surface,
      fontSize: textSize - 1,
      fontWeight: 'bold',
      formatter: ({ dataIndex }) => (dataIndex === last ? String(number) : ''),
    },
  };
}

/**
 * By how many pixels the mark of each band, from the top down, stands below the band's upper edge on the last night: in
 * the middle of the band, or where bands are thin as near to it as marks that don't touch can be.
 */
function markShifts(
  bands: readonly Band[],
  { most, height }: { readonly most: number; readonly height: number },
): number[] {
  const heights = bands.map(({ customers }) => (customers.at(-1)! / most) * height);
  const edges: number[] = [];
  let edge = height - heights.reduce((sum, each) => sum + each, 0);
  for (const each of heights) {
    edges.push(edge);
    edge += each;
  }
  const apart = markSize + 2;
  const marks: number[] = [];
  for (const [i, top] of edges.entries()) marks.push(Math.max(top + heights[i]! / 2, (marks.at(-1) ?? -apart) + apart));
  let room = height - markSize / 2;
  for (let i = marks.length - 1; i >= 0; i--) {
    marks[i] = Math.min(marks[i]!, room);
    room = marks[i]! - apart;
  }
  return marks.map((mark, i) => mark - edges[i]!);
}
