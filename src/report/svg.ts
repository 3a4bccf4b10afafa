import { init, use } from 'echarts/core';
import type { Chart } from './charts/chart.ts';
import { chartParts } from './charts/parts.ts';
import type { ChartSpace } from './charts/theme.ts';
import { escapeText, trusted, type Html } from './html/html.ts';

use(chartParts);

/** A chart as SVG that needs no script and no style sheet of its own; its ids begin with the chart's. */
export function drawSvg(chart: Chart, space: ChartSpace): Html {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width: space.width, height: chart.height(space) });
  try {
    drawing.setOption(chart.option(space));
    const name = space.isNarrow ? 'narrow' : 'wide';
    const label = `${chart.title}. ${chart.description}`;
    return trusted(embeddable(drawing.renderToSVGString(), { id: `${chart.id}-${name}`, name, label }));
  } finally {
    // Timers of a drawing that is not disposed of would keep the process alive.
    drawing.dispose();
  }
}

type Embedding = { readonly id: string; readonly name: string; readonly label: string };

/**
 * ECharts writes ids from counters of the process, styles that a strict policy refuses, and marks for its own script:
 * the ids are numbered anew, the styles become attributes, the marks go.
 */
function embeddable(svg: string, { id, name, label }: Embedding): string {
  const numbers = new Map<string, number>();
  return svg
    .replaceAll(/<style[^>]*>[\s\S]*?<\/style>/g, '')
    .replaceAll(
      / (?:class|ecmeta_\w+|pointer-events|stroke-miterlimit|xmlns(?::\w+)?|version|baseProfile)="[^"]*"/g,
      '',
    )
    .replaceAll(/ style="([^"]*)"/g, (_, style: string) => attributesOf(style))
    .replaceAll(/zr\d+-[a-z]+\d+/g, (old) => {
      if (!numbers.has(old)) numbers.set(old, numbers.size);
      return `${id}-${numbers.get(old)}`;
    })
    .replaceAll(/ (?:d|transform|x|y|width|height)="[^"]*"/g, rounded)
    .replaceAll(/>\s+</g, '><')
    .replace(/^<svg /, `<svg role="img" aria-label="${escapeText(label)}" class="${name}" `)
    .trim();
}

function rounded(attribute: string): string {
  return attribute.replaceAll(/-?\d+\.\d{2,}/g, (number) => String(Number(Number(number).toFixed(2))));
}

function attributesOf(style: string): string {
  const kept = style
    .split(';')
    .map((rule) => rule.split(':') as [string, string?])
    .filter(([name]) => name === 'font-size' || name === 'font-weight');
  return kept.map(([name, value]) => ` ${name}="${value}"`).join('');
}
