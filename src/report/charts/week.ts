import type { EChartsOption } from 'echarts';
import { count, short } from '../format.ts';
import type { NightSummary } from '../night.ts';
import { weekOf, type Week } from '../week.ts';
import { textSize, type Chart } from './chart.ts';
import { fieldsOption } from './fields.ts';
import type { ChartSpace } from './theme.ts';

const rowHeight = { wide: 38, narrow: 28 };

/** Invoices by weekday and hour together; null where trends.sql does not count them so. */
export function weekdayByHour({ trends }: NightSummary): Chart | null {
  const week = weekOf(trends);
  if (week === null) return null;
  const { weekdays, hours, counts } = week;
  const most = Math.max(...counts.flat());
  const day = counts.findIndex((row) => row.includes(most));
  const hour = counts[day]!.indexOf(most);
  return {
    id: 'weekday-by-hour',
    title: `The busiest hour of the week: ${weekdays[day]} at ${hours[hour]}`,
    description: `Invoices by day of the week and by the hour in which they begin. The stronger a field's colour, the more invoices; each field says how many, and an empty one had none. The busiest has ${count(most)}.`,
    table: {
      id: 'weekday-by-hour',
      title: 'Invoices by weekday in each hour',
      columns: [{ title: 'Hour', kind: 'text' }, ...weekdays.map((title) => ({ title, kind: 'count' }) as const)],
      rows: hours.map((title, i) => [title, ...counts.map((row) => row[i]!)]),
    },
    height: ({ isNarrow }) => 60 + (isNarrow ? hours.length * rowHeight.narrow : weekdays.length * rowHeight.wide),
    option: (space) => weekOption(week, space),
  };
}

/** Hours run to the right, and on a phone downwards, so that every field has room for its number. */
function weekOption({ weekdays, hours, counts }: Week, space: ChartSpace): EChartsOption {
  const { isNarrow } = space;
  const days = weekdays.map((day) => day.slice(0, 3));
  const shown = isNarrow
    ? {
        columns: days,
        rows: hours.toReversed(),
        counts: hours.map((_, i) => counts.map((row) => row[i]!)).toReversed(),
      }
    : { columns: hours.map((hour) => hour.slice(0, 2)), rows: days.toReversed(), counts: counts.toReversed() };
  const grid = { left: 54, right: 8, top: 12, bottom: 40 };
  return fieldsOption({ ...shown, text: short, grid, fontSize: textSize - 2 }, space);
}
