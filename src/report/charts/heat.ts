import { columnTitle, count, lowered } from '../format.ts';
import type { Night } from '../night.ts';
import type { Table } from '../table.ts';
import { plainOption, quietAxis, textSize, type Chart } from './chart.ts';

type Map = NonNullable<NonNullable<Night['figures']>['heat_map']>;
type Band = Map['xBands'][number];

/** How many customers by how recently and how often; null where the job has not both columns. */
export function recencyAndFrequency({ figures }: Night): Chart | null {
  const map = figures?.heat_map;
  if (!map || (map.xBands.length < 2 && map.yBands.length < 2)) return null;
  const [x, y] = [columnTitle(map.x), columnTitle(map.y)];
  const most = Math.max(1, ...map.counts.flat());
  const recent = map.xBands.map(bandText);
  const often = map.yBands.map(bandText);
  return {
    id: 'recency-and-frequency',
    title: 'How recently and how often',
    description: `Customers by ${lowered(x)} (to the right: longer ago) and ${lowered(y)} (upwards: more). The darker a field, the more customers; each field says how many.`,
    table: tableOf(map, recent, often),
    height: ({ isNarrow }) => 70 + map.yBands.length * (isNarrow ? 38 : 42),
    option: (space) => {
      const axis = quietAxis(space);
      const grid = { left: space.isNarrow ? 62 : 84, right: 8, top: 26, bottom: 44 };
      const cell = [(space.width - grid.left - grid.right) / map.xBands.length - 3, (space.isNarrow ? 38 : 42) - 3] as [
        number,
        number,
      ];
      return {
        ...plainOption(space),
        grid,
        xAxis: {
          ...axis,
          type: 'category',
          data: recent,
          name: x,
          nameLocation: 'middle',
          nameGap: 28,
          splitLine: { show: false },
          axisLabel: { ...axis.axisLabel, interval: 0, fontSize: space.isNarrow ? textSize - 2 : textSize },
        },
        yAxis: {
          ...axis,
          type: 'category',
          data: often,
          name: y,
          nameTextStyle: { color: space.theme.quiet, fontSize: textSize, align: 'left', padding: [0, 0, 0, -40] },
          splitLine: { show: false },
        },
        series: [
          {
            type: 'scatter',
            silent: true,
            symbol: 'rect',
            symbolSize: cell,
            data: map.counts.flatMap((row, i) =>
              row.map((customers, j) => ({
                value: [j, i],
                itemStyle: { color: space.theme.tint(Math.sqrt(customers / most)), opacity: 1 },
                label: { formatter: customers === 0 ? '' : count(customers) },
              })),
            ),
            label: {
              show: true,
              position: 'inside',
              color: space.theme.ink,
              fontSize: space.isNarrow ? textSize - 1 : textSize,
            },
          },
        ],
      };
    },
  };
}

function tableOf({ y, counts }: Map, recent: readonly string[], often: readonly string[]): Table {
  return {
    id: 'recency-and-frequency',
    title: 'Customers by how recently and how often',
    columns: [
      { title: columnTitle(y), kind: 'text' },
      ...recent.map((band) => ({ title: band, kind: 'count' }) as const),
    ],
    rows: counts.map((row, i) => [often[i]!, ...row]).toReversed(),
  };
}

/** `91–180`, `2`, `up to 30`, `731 and more`: bands of whole numbers. */
function bandText({ from, below }: Band): string {
  if (from === null) return below === null ? 'all' : below === 2 ? '1' : `up to ${below - 1}`;
  if (below === null) return `${from}+`;
  return below - from === 1 ? String(from) : `${from}–${below - 1}`;
}
