import type { EChartsOption } from 'echarts';
import { plainOption, quietAxis, textSize } from './chart.ts';
import type { ChartSpace } from './theme.ts';

/** How many shades tell few from many. */
const shades = 12;
/** Pixels between fields. */
const gap = 3;

export type Fields = {
  /** What stands below the fields, and beside them from the bottom up. */
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  /** `counts[row][column]`. */
  readonly counts: readonly (readonly number[])[];
  readonly text: (count: number) => string;
  /** What the fields are counted by; unnamed where the words on the axes say it. */
  readonly columnTitle?: string;
  readonly rowTitle?: string;
  readonly grid: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
  readonly fontSize: number;
};

/** A heat map: a field for each count, the stronger its colour the more, with the count in it where there is one. */
export function fieldsOption(fields: Fields, space: ChartSpace): EChartsOption {
  const { columns, rows, columnTitle, rowTitle, counts, text, grid, fontSize } = fields;
  const { theme } = space;
  const quiet = quietAxis(space);
  const axis = { ...quiet, type: 'category', splitLine: { show: false } } as const;
  const most = Math.max(1, ...counts.flat());
  return {
    ...plainOption(space),
    grid,
    xAxis: {
      ...axis,
      data: [...columns],
      ...(columnTitle === undefined ? {} : { name: columnTitle, nameLocation: 'middle', nameGap: 28 }),
      axisLabel: { ...quiet.axisLabel, interval: 0, fontSize: Math.min(textSize, fontSize + 1) },
    },
    yAxis: {
      ...axis,
      data: [...rows],
      ...(rowTitle === undefined ? {} : { name: rowTitle }),
      nameTextStyle: { color: theme.quiet, fontSize: textSize, align: 'left', padding: [0, 0, 0, -40] },
      axisLabel: { ...quiet.axisLabel, interval: 0 },
    },
    visualMap: {
      type: 'piecewise',
      show: false,
      dimension: 3,
      pieces: Array.from({ length: shades + 1 }, (_, i) => ({ value: i, color: theme.tint(i / shades) })),
    },
    series: [
      {
        type: 'heatmap',
        silent: true,
        encode: { x: 0, y: 1, value: 2, tooltip: 2 },
        itemStyle: { borderColor: theme.surface, borderWidth: gap },
        data: counts.flatMap((row, i) =>
          row.map((count, j) => ({
            value: [j, i, count, Math.round(shades * Math.sqrt(count / most))],
            label: { formatter: count === 0 ? '' : text(count) },
          })),
        ),
        label: { show: true, color: theme.ink, fontSize },
      },
    ],
  };
}
