import { DataZoomComponent, LegendComponent, ToolboxComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import type { Chart } from '../../report/charts/chart.ts';
import { chartParts } from '../../report/charts/parts.ts';
import { pageTheme, type ChartSpace } from '../../report/charts/theme.ts';
import { contentOf } from '../../report/content.ts';
import type { Night } from '../../report/night.ts';
import { interactive } from './interactive.ts';

use([...chartParts, DataZoomComponent, LegendComponent, ToolboxComponent, TooltipComponent]);

/** Below this width, in pixels, a chart is drawn for a phone. */
const narrowBelow = 560;

for (const page of document.querySelectorAll<HTMLElement>('[data-night]')) void drawAll(page);

/** Draws the charts of the page's night, from the same figures and by the same functions as its report. */
async function drawAll(page: HTMLElement): Promise<void> {
  const answer = await fetch(page.dataset.night ?? '');
  if (!answer.ok) return;
  const night = (await answer.json()) as Night;
  for (const { parts } of contentOf(night))
    for (const part of parts) {
      const place = part.kind === 'chart' && page.querySelector<HTMLElement>(`[data-chart="${part.chart.id}"]`);
      if (place) keepDrawn(place, part.chart);
    }
}

/** Draws a chart, and anew whenever its place gets another width. */
function keepDrawn(place: HTMLElement, chart: Chart): void {
  let drawing: EChartsType | undefined;
  let width = 0;
  new ResizeObserver(() => {
    if (place.clientWidth === width || place.clientWidth === 0) return;
    width = place.clientWidth;
    const space: ChartSpace = { theme: pageTheme, width, isNarrow: width < narrowBelow };
    const { option, extraHeight } = interactive(chart.option(space), space);
    const height = chart.height(space) + extraHeight;
    place.style.height = `${height}px`;
    drawing ??= init(place, null, { renderer: 'svg' });
    drawing.resize({ width, height });
    drawing.setOption(option, { notMerge: true });
  }).observe(place);
}
