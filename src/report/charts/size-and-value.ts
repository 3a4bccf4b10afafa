import type { NightSummary } from '../night.ts';
import { percent } from '../format.ts';
import { shownSegments, type ShownSegment } from '../segments.ts';
import { plainOption, shortened, textSize, type Chart } from './chart.ts';
import type { ChartSpace } from './theme.ts';

/** Each segment's share of the customers beside its share of the value; null where the job has no money column. */
export function sizeAndValue(summary: NightSummary): Chart | null {
  const segments = shownSegments(summary);
  if (segments.every(({ value_share: share }) => share === null)) return null;
  const byCustomers = segments.toSorted((a, b) => b.customers - a.customers)[0]!;
  const byValue = segments.toSorted((a, b) => (b.value_share ?? 0) - (a.value_share ?? 0))[0]!;
  const same = byCustomers === byValue;
  return {
    id: 'size-and-value',
    title: same
      ? `${byValue.name} is the largest segment, and most value comes from it`
      : `${byCustomers.name} is the largest segment; most value comes from ${byValue.name}`,
    description:
      'Two bars for each segment: the plain one is its share of the customers, the striped one its share of the value. A striped bar that is longer than the plain one above it means customers worth more than average.',
    table: {
      id: 'size-and-value',
      title: 'Share of customers and of value',
      columns: [
        { title: 'Segment', kind: 'text' },
        { title: 'Share of customers', kind: 'share' },
        { title: 'Share of value', kind: 'share' },
      ],
      rows: segments.map(({ name, share, value_share: value }) => [name, share, value]),
      segmentOfRow: segments.map(({ place }) => place),
    },
    height: ({ isNarrow }) => 24 + segments.length * (isNarrow ? 66 : 52),
    option: (space) => optionOf(segments, space),
  };
}

function optionOf(segments: readonly ShownSegment[], space: ChartSpace): ReturnType<Chart['option']> {
  const { theme, width, isNarrow } = space;
  const labelWidth = isNarrow ? 0 : Math.min(240, width * 0.28);
  const bars = (
    shareOf: (segment: ShownSegment) => number | null,
    decal: object | undefined,
  ): NonNullable<ReturnType<Chart['option']>['series']> => ({
    type: 'bar',
    barWidth: 14,
    barGap: '25%',
    silent: true,
    label: {
      show: true,
      position: 'right',
      color: theme.quiet,
      fontSize: textSize,
      formatter: ({ dataIndex }) => {
        const share = shareOf(segments[dataIndex]!);
        return share === null ? '' : `${percent(share)}${decal ? ' of value' : ' of customers'}`;
      },
    },
    data: segments.map((segment) => ({
      value: shareOf(segment) ?? 0,
      itemStyle: { color: theme.segment(segment.place), ...(decal ? { decal } : {}) },
    })),
  });
  return {
    ...plainOption(space),
    grid: { left: labelWidth, right: isNarrow ? 110 : 130, top: isNarrow ? 18 : 4, bottom: 8 },
    xAxis: { type: 'value', min: 0, show: false },
    yAxis: {
      type: 'category',
      inverse: true,
      data: segments.map(
        ({ number, name }) => `${number}  ${shortened(name, isNarrow ? width - 40 : labelWidth - 40)}`,
      ),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: isNarrow
        ? { inside: true, verticalAlign: 'bottom', padding: [0, 0, 20, -8], color: theme.ink, fontSize: textSize }
        : { color: theme.ink, fontSize: textSize, width: labelWidth - 8, margin: 14 },
    },
    series: [
      bars(({ share }) => share, undefined),
      bars(({ value_share: value }) => value, stripes(theme.surface)),
    ] as never,
  };
}

/** A texture that lies over the segment's own colour. */
function stripes(colour: string): object {
  return { symbol: 'rect', color: colour, dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -Math.PI / 4 };
}
