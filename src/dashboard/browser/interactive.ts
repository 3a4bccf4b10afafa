import type { EChartsOption, SeriesOption } from 'echarts';
import type { ChartSpace, ChartTheme } from '../../report/charts/theme.ts';

/** A chart that answers, and how many pixels more it needs than on paper. */
export type Interactive = { readonly option: EChartsOption; readonly extraHeight: number };

const toolsHeight = 26;
/** Fewer bars than this hide nothing that a closer look would show. */
const manyBars = 12;

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/** The option of a report's chart, with values under the pointer, series to switch off, and parts to look into. */
export function interactive(option: EChartsOption, { theme, width }: ChartSpace): Interactive {
  const { ink, quiet, surface, line } = theme;
  const series = [option.series ?? []].flat().map(awake);
  const names = [...new Set(series.flatMap(({ name }) => (typeof name === 'string' ? [name] : [])))];
  const above = isWorthZooming(option) ? toolsHeight : 0;
  const below = names.length < 2 ? 0 : legendHeight(names, width);
  const text = { color: ink, fontSize: 13 };
  const isOfItems = series.some(({ type }) => type === 'scatter' || type === 'heatmap');
  return {
    extraHeight: above + below,
    option: {
      ...option,
      ...(option.grid === undefined ? {} : { grid: [option.grid].flat().map((grid) => shifted(grid, above, below)) }),
      series,
      tooltip: {
        trigger: option.xAxis !== undefined && !isOfItems ? 'axis' : 'item',
        // Markup in it would need styles that the page's policy refuses.
        renderMode: 'richText',
        confine: true,
        backgroundColor: surface,
        borderColor: line,
        textStyle: text,
        axisPointer: { lineStyle: { color: quiet }, label: { color: surface, backgroundColor: ink } },
        valueFormatter: (value) => (typeof value === 'number' ? numbers.format(value) : String(value ?? '–')),
      },
      ...(below === 0 ? {} : { legend: { data: names, bottom: 0, textStyle: text, inactiveColor: line } }),
      ...(above === 0 ? {} : { toolbox: zoomTools(theme) }),
    },
  };
}

type Grid = { readonly top?: number | string; readonly bottom?: number | string };

function shifted(grid: Grid, above: number, below: number): Grid {
  const { top, bottom } = grid;
  return {
    ...grid,
    ...(typeof top === 'number' ? { top: top + above } : {}),
    ...(typeof bottom === 'number' ? { bottom: bottom + below } : {}),
  };
}

/** As many lines as the names take, with their marks and the space around them. */
function legendHeight(names: readonly string[], width: number): number {
  const length = names.reduce((sum, name) => sum + 46 + 7 * name.length, 0);
  return 16 + 20 * Math.ceil(length / (0.9 * width));
}

/** Dots on two scales, or many bars. */
function isWorthZooming({ xAxis, yAxis }: EChartsOption): boolean {
  if (xAxis === undefined || Array.isArray(xAxis) || yAxis === undefined || Array.isArray(yAxis)) return false;
  if (xAxis.type === 'category') return (xAxis.data?.length ?? 0) > manyBars;
  return xAxis.type === 'value' && yAxis.type === 'log';
}

function zoomTools({ quiet, accent }: ChartTheme): NonNullable<EChartsOption['toolbox']> {
  return {
    right: 4,
    top: 0,
    iconStyle: { borderColor: quiet },
    emphasis: { iconStyle: { borderColor: accent } },
    feature: {
      dataZoom: { title: { zoom: 'Look into a part', back: 'One step back' } },
      restore: { title: 'Show all' },
    },
  };
}

/**
 * A drawing on paper answers to nothing; thousands of dots, drawn as one there, have to be dots of their own. What is
 * under the pointer keeps its colour: no other can be made of a CSS variable.
 */
function awake(series: SeriesOption): SeriesOption {
  const heard = { ...series, silent: false, emphasis: { disabled: true } };
  return (series.type === 'scatter' ? { ...heard, large: false } : heard) as SeriesOption;
}
