import type { EChartsOption, ScatterSeriesOption } from 'echarts';
import { columnTitle, count, lowered, short } from '../format.ts';
import type { Night } from '../night.ts';
import { shownSegments, type ShownSegment } from '../segments.ts';
import { plainOption, quietAxis, textSize, type Chart } from './chart.ts';
import type { ChartSpace } from './theme.ts';

type Scatter = NonNullable<NonNullable<Night['figures']>['scatter']>;
type Parts = { readonly scatter: Scatter; readonly segments: readonly ShownSegment[]; readonly outlier: string | null };

const shapes = ['circle', 'rect', 'triangle', 'diamond'] as const;

/** A narrow chart has room for this share of the dots. */
const narrowStep = 3;

/** How recently against for how much, a dot for each customer of a sample; null where the job has not both columns. */
export function recencyAndValue({ summary, figures }: Night): Chart | null {
  if (!figures?.scatter || figures.scatter.dots.length === 0) return null;
  const { scatter, outlier_segment: outlier } = figures;
  const dotted = new Set(scatter.dots.map(([group]) => group));
  const segments = shownSegments(summary).filter(({ place }) => dotted.has(place));
  const [x, y] = [columnTitle(scatter.x), columnTitle(scatter.y)];
  const sampled =
    scatter.dots.length < scatter.customers
      ? `${count(scatter.dots.length)} of ${count(scatter.customers)} customers, drawn from each segment in proportion to its size`
      : `All ${count(scatter.customers)} customers`;
  const crosses = segments.some(({ segment }) => segment === outlier) ? ' Crosses are exceptional customers.' : '';
  const unseen =
    scatter.left_out === 0
      ? ''
      : ` ${count(scatter.left_out)} customers are not drawn: a value is missing or not above 0, or hardly anybody shares their segment.`;
  return {
    id: 'recency-and-value',
    title: 'How long ago, and for how much',
    description: `${sampled}; to the right ${lowered(x)}, upwards ${lowered(y)}, each step of the scale ten times the one before. The numbers stand at the middle of each segment.${crosses}${unseen}`,
    legend: segments,
    table: {
      id: 'recency-and-value',
      title: 'The middle of each segment, and how many customers are drawn',
      columns: [
        { title: 'Segment', kind: 'text' },
        { title: 'Customers', kind: 'count' },
        { title: 'Drawn', kind: 'count' },
        { title: `Median ${lowered(x)}`, kind: 'measure' },
        { title: `Median ${lowered(y)}`, kind: 'measure' },
      ],
      rows: segments.map(({ name, place, customers, profile }) => [
        name,
        customers,
        scatter.dots.filter(([group]) => group === place).length,
        profile[scatter.x]?.median ?? null,
        profile[scatter.y]?.median ?? null,
      ]),
      segmentOfRow: segments.map(({ place }) => place),
    },
    height: ({ isNarrow }) => (isNarrow ? 400 : 480),
    option: (space) => optionOf({ scatter, segments, outlier }, space),
  };
}

function optionOf(parts: Parts, space: ChartSpace): EChartsOption {
  const { scatter, segments } = parts;
  const axis = quietAxis(space);
  const dots = space.isNarrow ? scatter.dots.filter((_, i) => i % narrowStep === 0) : scatter.dots;
  const dotsOf = (place: number): number[][] => dots.filter(([group]) => group === place).map(([, x, y]) => [x, y]);
  return {
    ...plainOption(space),
    grid: { left: 62, right: 24, top: 34, bottom: 46 },
    xAxis: {
      ...axis,
      type: 'value',
      name: columnTitle(scatter.x),
      nameLocation: 'middle',
      nameGap: 30,
      splitLine: { show: false },
      axisLine: { show: true, lineStyle: { color: space.theme.line } },
    },
    yAxis: {
      ...axis,
      type: 'log',
      name: columnTitle(scatter.y),
      nameTextStyle: { color: space.theme.quiet, fontSize: textSize, align: 'left', padding: [0, 0, 0, -50] },
      axisLabel: { ...axis.axisLabel, formatter: (value: number) => short(value) },
    },
    series: [
      ...segments.map((segment) => dotSeries(segment, dotsOf(segment.place), parts, space)),
      middles(parts, space),
      ...yearLines(scatter, space),
    ],
  };
}

function dotSeries(
  { segment, name, place }: ShownSegment,
  data: number[][],
  { outlier }: Parts,
  { theme }: ChartSpace,
): ScatterSeriesOption {
  const color = theme.segment(place);
  if (segment === outlier) {
    const itemStyle = { color: 'none', borderColor: color, borderWidth: 1.8 };
    return {
      type: 'scatter',
      name,
      silent: true,
      symbol: 'path://M0,0L10,10M10,0L0,10',
      symbolSize: 8,
      data,
      itemStyle,
    };
  }
  const drawn = { large: true, largeThreshold: 0, symbol: shapes[place % shapes.length]!, symbolSize: 4 };
  return { type: 'scatter', name, silent: true, ...drawn, data, itemStyle: { color, opacity: 0.55 } };
}

/** The numbers of the segments at their medians. */
function middles({ scatter, segments }: Parts, { theme }: ChartSpace): ScatterSeriesOption {
  return {
    type: 'scatter',
    silent: true,
    symbolSize: 24,
    z: 5,
    data: segments.flatMap(({ place, number, profile }) => {
      const [x, y] = [profile[scatter.x]?.median ?? null, profile[scatter.y]?.median ?? null];
      if (x === null || y === null || y <= 0) return [];
      const itemStyle = { color: theme.segment(place), borderColor: theme.surface, borderWidth: 2, opacity: 1 };
      return [{ value: [x, y], itemStyle, label: { formatter: String(number) } }];
    }),
    label: { show: true, color: theme.surface, fontSize: textSize, fontWeight: 'bold' },
  };
}

/** One and two years ago, where the axis goes so far and counts days. */
function yearLines({ x, dots }: Scatter, { theme }: ChartSpace): ScatterSeriesOption[] {
  if (!x.endsWith('_days')) return [];
  const farthest = Math.max(...dots.map(([, days]) => days));
  const years = [365, 730].filter((days) => days < farthest);
  const line = (days: number): object => ({
    xAxis: days,
    label: { formatter: days === 365 ? '1 year' : '2 years', color: theme.quiet, fontSize: textSize, position: 'end' },
    lineStyle: { color: theme.quiet, type: 'dashed', width: 1 },
  });
  return [
    {
      type: 'scatter',
      silent: true,
      data: [],
      markLine: { silent: true, symbol: 'none', data: years.map(line) as never },
    },
  ];
}
