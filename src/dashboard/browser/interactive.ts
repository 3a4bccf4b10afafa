import type { EChartsOption, SeriesOption } from 'echarts';
import type { ChartTheme } from '../../report/charts/theme.ts';

/** The option of a report's chart, with values under the pointer, series to switch off, and parts to look into. */
export function interactive(option: EChartsOption, { ink, quiet, surface, line, accent }: ChartTheme): EChartsOption {
  const series = [option.series ?? []].flat().map(awake);
  const named = series.flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
  const hasAxes = option.xAxis !== undefined;
  const hasCategories = [option.xAxis ?? []].flat().some(({ type }) => type === 'category');
  const text = { color: ink, fontSize: 13 };
  const tools = { dataZoom: { title: { zoom: 'Look into a part', back: 'One step back' } }, restore: { title: 'All' } };
  return {
    ...option,
    series,
    tooltip: {
      trigger: hasCategories && !series.some(({ type }) => type === 'scatter') ? 'axis' : 'item',
      // Markup in it would need styles that the page's policy refuses.
      renderMode: 'richText',
      confine: true,
      backgroundColor: surface,
      borderColor: line,
      textStyle: text,
      axisPointer: { lineStyle: { color: quiet }, label: { color: surface, backgroundColor: ink } },
      valueFormatter: (value) => (typeof value === 'number' ? numbers.format(value) : String(value ?? '–')),
    },
    ...(named.length < 2
      ? {}
      : { legend: { data: [...new Set(named)], bottom: 0, textStyle: text, inactiveColor: line } }),
    ...(hasAxes
      ? {
          toolbox: {
            feature: tools,
            right: 4,
            top: -4,
            iconStyle: { borderColor: quiet },
            emphasis: { iconStyle: { borderColor: accent } },
          },
        }
      : {}),
  };
}

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/** A drawing on paper answers to nothing; thousands of dots, drawn as one there, have to be dots of their own. */
function awake(series: SeriesOption): SeriesOption {
  const still = { ...series, silent: false, animation: false };
  return series.type === 'scatter' ? ({ ...still, large: false } as SeriesOption) : (still as SeriesOption);
}
