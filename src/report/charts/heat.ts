import { columnTitle, count, lowered } from '../format.ts';
import type { Night } from '../night.ts';
import type { Table } from '../table.ts';
import { textSize, type Chart } from './chart.ts';
import { fieldsOption } from './fields.ts';

type Map = NonNullable<NonNullable<Night['figures']>['heat_map']>;
type Band = Map['xBands'][number];

/** How many customers by how recently and how often; null where the job has not both columns. */
export function recencyAndFrequency({ figures }: Night): Chart | null {
  const map = figures?.heat_map;
  if (!map || (map.xBands.length < 2 && map.yBands.length < 2)) return null;
  const [x, y] = [columnTitle(map.x), columnTitle(map.y)];
  const recent = map.xBands.map(bandText);
  const often = map.yBands.map(bandText);
  return {
    id: 'recency-and-frequency',
    title: 'How recently and how often',
    description: `Customers by ${lowered(x)} (to the right: longer ago) and ${lowered(y)} (upwards: more). The stronger a field's colour, the more customers; each field says how many.`,
    table: tableOf(map, recent, often),
    height: ({ isNarrow }) => 70 + map.yBands.length * (isNarrow ? 38 : 42),
    option: (space) =>
      fieldsOption(
        {
          columns: recent,
          rows: often,
          columnTitle: x,
          rowTitle: y,
          counts: map.counts,
          text: count,
          grid: { left: space.isNarrow ? 62 : 84, right: 8, top: 26, bottom: 44 },
          fontSize: space.isNarrow ? textSize - 1 : textSize,
        },
        space,
      ),
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
