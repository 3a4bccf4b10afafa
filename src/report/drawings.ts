import type { Chart } from './charts/chart.ts';
import { pageTheme, type ChartSpace } from './charts/theme.ts';
import type { Html } from './html/html.ts';
import { drawSvg } from './svg.ts';

const wide: ChartSpace = { theme: pageTheme, width: 960, isNarrow: false };
const narrow: ChartSpace = { theme: pageTheme, width: 430, isNarrow: true };

/** A chart for wide pages and for narrow ones; the style sheet shows the one that fits. */
export function drawings(chart: Chart): Html[] {
  return [wide, narrow].map((space) => drawSvg(chart, space));
}
