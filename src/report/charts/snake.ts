import type { LineSeriesOption } from 'echarts';
import { columnTitle } from '../format.ts';
import type { Night } from '../night.ts';
import { shownSegments, type ShownSegment } from '../segments.ts';
import { plainOption, quietAxis, textSize, type Chart } from './chart.ts';
import type { ChartSpace } from './theme.ts';

const mostColumns = 6;

/** Where the middle of each segment stands among all customers, column by column; null without two columns to compare. */
export function centroidProfile({ summary, figures }: Night): Chart | null {
  const segments = shownSegments(summary);
  const known = figures?.axes.typical ?? Object.keys(segments[0]?.profile ?? {});
  const columns = known
    .filter((name) => segments.some(({ profile }) => profile[name]?.pct != null))
    .slice(0, mostColumns);
  if (columns.length < 2) return null;
  const values = columns.map((column) => segments.map((segment) => pctOf(segment, column)));
  return {
    id: 'centroid-profile',
    title: 'What sets the segments apart',
    description:
      'Each line is a segment, each row a figure. The number stands where the middle customer of the segment lies among all customers: 50 is the middle of all, 90 means that nine in ten have less.',
    legend: segments,
    table: {
      id: 'centroid-profile',
      title: "Percentile of each segment's median among all customers",
      columns: [
        { title: 'Segment', kind: 'text' },
        ...columns.map((column) => ({ title: columnTitle(column), kind: 'measure' }) as const),
      ],
      rows: segments.map((segment) => [segment.name, ...columns.map((column) => pctOf(segment, column))]),
      segmentOfRow: segments.map(({ place }) => place),
    },
    height: ({ isNarrow }) => 40 + (columns.length + 1) * rowHeight(values, isNarrow),
    option: (space) => {
      const axis = quietAxis(space);
      const { isNarrow, theme } = space;
      const step = textHeight / rowHeight(values, isNarrow);
      const rows = values.map((ofRow, row) => dodged(ofRow, { row, apart: apart(isNarrow), step }));
      return {
        ...plainOption(space),
        grid: { left: isNarrow ? 14 : 170, right: 24, top: 0, bottom: 44 },
        xAxis: {
          ...axis,
          type: 'value',
          min: 0,
          max: 100,
          interval: 25,
          name: 'Percentile among all customers',
          nameLocation: 'middle',
          nameGap: 28,
        },
        yAxis: {
          ...axis,
          type: 'value',
          inverse: true,
          min: -1,
          max: columns.length,
          interval: 1,
          splitLine: { show: false },
          axisLabel: {
            ...(isNarrow
              ? { inside: true, verticalAlign: 'bottom', padding: [0, 0, 26, -8] }
              : { margin: 18, verticalAlign: 'middle' }),
            color: theme.ink,
            fontSize: textSize,
            formatter: (row: number) => (columns[row] === undefined ? '' : columnTitle(columns[row])),
          },
        },
        series: segments.map((segment, i) =>
          lineOf(
            segment,
            columns.map((_, row) => rows[row]![i]!),
            space,
          ),
        ),
      };
    },
  };
}

type Place = readonly [pct: number, row: number] | null;

type Dodging = { readonly row: number; readonly apart: number; readonly step: number };

/** The height of a number, and how many percentiles wide one is. */
const textHeight = 22;
const apart = (isNarrow: boolean): number => (isNarrow ? 5.4 : 3);

/** Numbers that would lie on one another go above and below their row, which is high enough for the largest crowd. */
function rowHeight(values: readonly (readonly (number | null)[])[], isNarrow: boolean): number {
  const crowds = values.flatMap((ofRow) => crowdsOf(ofRow, apart(isNarrow)).map(({ length }) => length));
  return Math.max(isNarrow ? 78 : 64, Math.max(...crowds) * textHeight + (isNarrow ? 44 : 20));
}

/** Which segments are so near to their neighbours in a row that their numbers would touch, from left to right. */
function crowdsOf(values: readonly (number | null)[], within: number): number[][] {
  const order = [...values.keys()].filter((i) => values[i] !== null).sort((a, b) => values[a]! - values[b]! || a - b);
  const crowds: number[][] = [];
  for (const i of order) {
    const last = crowds.at(-1)?.at(-1);
    if (last !== undefined && values[i]! - values[last]! < within) crowds.at(-1)!.push(i);
    else crowds.push([i]);
  }
  return crowds;
}

function dodged(values: readonly (number | null)[], { row, apart, step }: Dodging): Place[] {
  const places: Place[] = values.map(() => null);
  for (const crowd of crowdsOf(values, apart))
    for (const [i, segment] of crowd.entries())
      places[segment] = [values[segment]!, row + (i - (crowd.length - 1) / 2) * step];
  return places;
}

function pctOf({ profile }: ShownSegment, column: string): number | null {
  return profile[column]?.pct ?? null;
}

function lineOf(
  { place, name, number }: ShownSegment,
  places: readonly Place[],
  { theme }: ChartSpace,
): LineSeriesOption {
  const color = theme.segment(place);
  return {
    type: 'line',
    name,
    silent: true,
    symbol: 'circle',
    symbolSize: 20,
    lineStyle: { color, width: 2 },
    itemStyle: { color, borderColor: theme.surface, borderWidth: 1.5 },
    label: {
      show: true,
      position: 'inside',
      color: theme.surface,
      fontSize: textSize - 1,
      fontWeight: 'bold',
      formatter: String(number),
    },
    data: places.filter((at) => at !== null).map(([pct, row]) => [pct, row]),
  };
}
