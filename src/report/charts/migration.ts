import type { SankeySeriesOption } from 'echarts';
import { count } from '../format.ts';
import { namesOf } from '../segments.ts';
import { movesMatrix, type Moved } from '../tables/moves.ts';
import { plainOption, shortened, textSize, type Chart } from './chart.ts';
import type { ChartSpace } from './theme.ts';

type Flow = { readonly from: string; readonly to: string; readonly customers: number };

/** Who moved from where to where, without those who stayed; null where nobody moved. */
export function migration(summary: Moved): Chart | null {
  const flows = summary.moves.filter((move): move is Flow => move.from !== null && move.to !== null);
  if (flows.length === 0) return null;
  const moved = flows.reduce((sum, { customers }) => sum + customers, 0);
  const sides = Math.max(new Set(flows.map(({ from }) => from)).size, new Set(flows.map(({ to }) => to)).size);
  return {
    id: 'migration',
    title: `${count(moved)} ${moved === 1 ? 'customer' : 'customers'} from one segment to another`,
    description:
      'On the left the segment they come from, on the right where they go to; the wider a band, the more customers. Those who stay are not drawn: they are nearly all, and stand in the table.',
    table: movesMatrix(summary),
    height: () => 40 + sides * 56,
    option: (space) => ({ ...plainOption(space), series: [seriesOf(summary, flows, space)] }),
  };
}

function seriesOf(summary: Moved, flows: readonly Flow[], { theme, width, isNarrow }: ChartSpace): SankeySeriesOption {
  const nameOf = namesOf(summary);
  const placeOf = (slug: string): number => summary.segments.findIndex(({ segment }) => segment === slug);
  const colourOf = (slug: string): string => (placeOf(slug) < 0 ? theme.quiet : theme.segment(placeOf(slug)));
  // Room for the names outside the bands: ECharts clips what does not fit.
  const margin = isNarrow ? 140 : Math.min(260, width * 0.27);
  const node = (side: 'from' | 'to', slug: string): NonNullable<SankeySeriesOption['data']>[number] => {
    const customers = flows.filter((flow) => flow[side] === slug).reduce((sum, flow) => sum + flow.customers, 0);
    const number = placeOf(slug) < 0 ? '' : `${placeOf(slug) + 1} `;
    return {
      name: `${side} ${slug}`,
      depth: side === 'from' ? 0 : 1,
      itemStyle: { color: colourOf(slug), borderWidth: 0 },
      label: {
        position: side === 'from' ? 'left' : 'right',
        formatter: `${number}${shortened(nameOf(slug), margin - 26)}\n${count(customers)}`,
        color: theme.ink,
        fontSize: textSize,
        lineHeight: 17,
        align: side === 'from' ? 'right' : 'left',
      },
    };
  };
  const slugs = (side: 'from' | 'to'): string[] =>
    [...new Set(flows.map((flow) => flow[side]))].toSorted((a, b) => placeOf(a) - placeOf(b));
  return {
    type: 'sankey',
    silent: true,
    left: margin,
    right: margin,
    top: 16,
    bottom: 16,
    nodeWidth: 12,
    nodeGap: 24,
    layoutIterations: 0,
    emphasis: { disabled: true },
    data: [...slugs('from').map((slug) => node('from', slug)), ...slugs('to').map((slug) => node('to', slug))],
    links: flows
      .toSorted((a, b) => placeOf(a.from) - placeOf(b.from) || placeOf(a.to) - placeOf(b.to))
      .map(({ from, to, customers }) => ({
        source: `from ${from}`,
        target: `to ${to}`,
        value: customers,
        lineStyle: { color: colourOf(from), opacity: 0.35 },
      })),
  };
}
