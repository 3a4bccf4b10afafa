import type { Chart } from './charts/chart.ts';
import { recencyAndFrequency } from './charts/heat.ts';
import { runHistory } from './charts/history.ts';
import { elbowAndSilhouette } from './charts/k-curve.ts';
import { migration } from './charts/migration.ts';
import { recencyAndValue } from './charts/scatter.ts';
import { segmentSizes } from './charts/sizes.ts';
import { sizeAndValue } from './charts/size-and-value.ts';
import { centroidProfile } from './charts/snake.ts';
import { byMonth, byWeekdayAndHour } from './charts/trends.ts';
import { weekdayByHour } from './charts/week.ts';
import type { Night } from './night.ts';
import type { Table } from './table.ts';
import { nameTable, profileTable, ruleTable, treeTable } from './tables/explanations.ts';
import { moversTable } from './tables/moves.ts';
import { productTable } from './tables/products.ts';
import { segmentTable } from './tables/segments.ts';
import { removedTable, troubleTable, verdictTable } from './tables/soundness.ts';

export type Part =
  { readonly kind: 'chart'; readonly chart: Chart } | { readonly kind: 'table'; readonly table: Table };

/** A chapter of the report. */
export type Section = {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly parts: readonly Part[];
};

/** All that a report shows of a night, in order of worth, whoever draws it; what the night has no data for is absent. */
export function contentOf(night: Night): readonly Section[] {
  const { summary, figures } = night;
  const described = figures?.axes.described ?? [];
  const sections: readonly Section[] = [
    {
      id: 'segments',
      title: 'The segments',
      lead: 'Who is in them, what they bring, and what each is for.',
      parts: [table(segmentTable(summary, figures)), chart(sizeAndValue(summary)), table(nameTable(summary))].flat(),
    },
    {
      id: 'moves',
      title: 'Who moved',
      lead: 'Customers whose segment is another one than on the published night before, and the figure that moved each.',
      parts: [chart(migration(summary)), table(moversTable(night))].flat(),
    },
    {
      id: 'soundness',
      title: 'Are the numbers sound?',
      lead: 'The rows are checked before anything is computed, the result is guarded before it is published; what failed comes first.',
      parts: [table(troubleTable(summary)), table(removedTable(summary)), table(verdictTable(summary))].flat(),
    },
    {
      id: 'likeness',
      title: 'What the segments look like',
      lead: 'Where the segments lie among all customers, and what sets them apart.',
      parts: [
        chart(recencyAndValue(night)),
        chart(centroidProfile(night)),
        chart(recencyAndFrequency(night)),
        chart(figures && elbowAndSilhouette(figures)),
        table(treeTable(summary)),
        table(ruleTable(summary)),
        table(profileTable(summary, described)),
      ].flat(),
    },
    {
      id: 'products',
      title: 'What to offer',
      lead: 'Products that the customers of a segment buy more than others do.',
      parts: table(productTable(summary)),
    },
    {
      id: 'trends',
      title: 'When customers buy',
      lead: 'Seasons, weekdays and hours, counted by invoice.',
      parts: [chart(byMonth(summary)), chart(byWeekdayAndHour(summary)), chart(weekdayByHour(summary))].flat(),
    },
    {
      id: 'history',
      title: 'The nights before',
      lead: 'Whether this night is like the others.',
      parts: [chart(segmentSizes(night)), chart(runHistory(night))].flat(),
    },
  ];
  return sections.filter(({ parts }) => parts.length > 0);
}

/** Every table of a report, those of its charts included. */
export function tablesOf(sections: readonly Section[]): readonly Table[] {
  return sections.flatMap(({ parts }) => parts.map((part) => (part.kind === 'chart' ? part.chart.table : part.table)));
}

function chart(chart: Chart | null): Part[] {
  return chart === null ? [] : [{ kind: 'chart', chart }];
}

function table(table: Table | null): Part[] {
  return table === null ? [] : [{ kind: 'table', table }];
}
