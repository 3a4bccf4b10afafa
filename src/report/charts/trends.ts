import type { EChartsOption } from 'echarts';
import { count, short } from '../format.ts';
import type { NightSummary } from '../night.ts';
import type { Table } from '../table.ts';
import { plainPeriod } from '../week.ts';
import { plainOption, quietAxis, textSize, type Chart } from './chart.ts';
import type { ChartSpace } from './theme.ts';

type Trend = NightSummary['trends'][number];

/** Invoices by month over bands of seasons; null without months. */
export function byMonth({ trends }: NightSummary): Chart | null {
  const months = ofGrain(trends, 'month');
  if (months.length < 2) return null;
  const best = months.toSorted((a, b) => b.invoices - a.invoices)[0]!;
  return {
    id: 'by-month',
    title: `Invoices by month: most in ${best.period}`,
    description: `Each bar is a month, counted by invoice, not by line; the bands behind are the seasons, and winter begins in December. The busiest month has ${count(best.invoices)} invoices. A month at either end may be cut short by the window that the job reads.`,
    table: tableOf('by-month', 'Invoices by month', 'Month', months),
    height: () => 300,
    option: (space) => monthOption(months, space),
  };
}

/** Invoices by weekday and by hour; null without either. */
export function byWeekdayAndHour({ trends }: NightSummary): Chart | null {
  const [weekdays, hours] = [ofGrain(trends, 'weekday'), ofGrain(trends, 'hour')];
  if (weekdays.length === 0 || hours.length === 0) return null;
  const rows = [...weekdays, ...hours.map((hour) => ({ ...hour, period: `${hour.period}:00` }))];
  return {
    id: 'by-weekday-and-hour',
    title: `Busiest on ${busiest(weekdays)} and at ${busiest(hours)}:00`,
    description: 'When invoices are written: by day of the week, and by the hour in which they begin.',
    table: tableOf('by-weekday-and-hour', 'Invoices by weekday and by hour', 'Period', rows),
    height: ({ isNarrow }) => (isNarrow ? 460 : 250),
    option: (space) => weekOption(weekdays, hours, space),
  };
}

function busiest(of: readonly Trend[]): string {
  return plainPeriod(of.toSorted((a, b) => b.invoices - a.invoices)[0]!.period);
}

function ofGrain(trends: readonly Trend[], wanted: string): Trend[] {
  return trends.filter(({ grain }) => grain === wanted).toSorted((a, b) => (a.period < b.period ? -1 : 1));
}

function tableOf(id: string, title: string, first: string, trends: readonly Trend[]): Table {
  return {
    id,
    title,
    columns: [
      { title: first, kind: 'text' },
      { title: 'Invoices', kind: 'count' },
      { title: 'Revenue', kind: 'measure' },
    ],
    rows: trends.map(({ period, invoices, revenue }) => [plainPeriod(period), invoices, revenue]),
  };
}

function monthOption(months: readonly Trend[], space: ChartSpace): EChartsOption {
  const { theme, isNarrow } = space;
  const axis = quietAxis(space);
  const bands = seasonsOf(months);
  return {
    ...plainOption(space),
    grid: { left: 54, right: 8, top: 34, bottom: 30 },
    xAxis: {
      ...axis,
      type: 'category',
      data: months.map(({ period }) => period),
      axisLabel: { ...axis.axisLabel, hideOverlap: true },
    },
    yAxis: {
      ...axis,
      type: 'value',
      min: 0,
      splitNumber: 4,
      axisLabel: { ...axis.axisLabel, formatter: (value: number) => short(value) },
    },
    series: [
      {
        type: 'bar',
        silent: true,
        barMaxWidth: 26,
        itemStyle: { color: theme.accent },
        data: months.map(({ invoices }) => invoices),
        markArea: {
          silent: true,
          label: { color: theme.quiet, fontSize: textSize, position: 'top' },
          data: bands.map(({ season, first, last, months: length }, i) => [
            {
              name: isNarrow && length < 3 ? '' : isNarrow ? season.slice(0, 3) : season,
              xAxis: first,
              itemStyle: { color: theme.line, opacity: i % 2 === 0 ? 0.55 : 0 },
            },
            { xAxis: last },
          ]) as never,
        },
      },
    ],
  };
}

const seasons = [
  'winter',
  'winter',
  'spring',
  'spring',
  'spring',
  'summer',
  'summer',
  'summer',
  'autumn',
  'autumn',
  'autumn',
  'winter',
];

type SeasonBand = { readonly season: string; readonly first: number; readonly last: number; readonly months: number };

/** Runs of months of one season, by their places. */
function seasonsOf(months: readonly Trend[]): SeasonBand[] {
  const bands: { season: string; first: number; last: number; months: number }[] = [];
  for (const [i, { period }] of months.entries()) {
    const season = seasons[Number(period.slice(5, 7)) - 1] ?? '';
    const band = bands.at(-1);
    if (band?.season === season) {
      band.last = i;
      band.months++;
    } else bands.push({ season, first: i, last: i, months: 1 });
  }
  return bands;
}

function weekOption(weekdays: readonly Trend[], hours: readonly Trend[], space: ChartSpace): EChartsOption {
  const { theme, isNarrow, width } = space;
  const axis = quietAxis(space);
  const half = (width - 140) / 2;
  const grids = isNarrow
    ? [
        { left: 54, right: 8, top: 12, height: 180 },
        { left: 54, right: 8, top: 248, height: 180 },
      ]
    : [
        { left: 54, width: half, top: 12, bottom: 30 },
        { left: 54 + half + 70, right: 8, top: 12, bottom: 30 },
      ];
  const periods = [weekdays.map(({ period }) => plainPeriod(period).slice(0, 3)), hours.map(({ period }) => period)];
  return {
    ...plainOption(space),
    grid: grids,
    xAxis: periods.map((data, i) => ({
      ...axis,
      type: 'category',
      gridIndex: i,
      data,
      axisLabel: { ...axis.axisLabel, hideOverlap: true },
    })),
    yAxis: periods.map((_, i) => ({
      ...axis,
      type: 'value',
      gridIndex: i,
      min: 0,
      splitNumber: 3,
      axisLabel: { ...axis.axisLabel, formatter: (value: number) => short(value) },
    })),
    series: [weekdays, hours].map((trends, i) => ({
      type: 'bar',
      silent: true,
      xAxisIndex: i,
      yAxisIndex: i,
      barMaxWidth: 26,
      itemStyle: { color: theme.accent },
      data: trends.map(({ invoices }) => invoices),
    })),
  };
}
