import type { Chart } from './charts/chart.ts';
import { sizeAndValue } from './charts/size-and-value.ts';
import type { Night } from './night.ts';
import type { Table } from './table.ts';
import { segmentTable } from './tables/segments.ts';
import { removedTable, verdictTable } from './tables/soundness.ts';

/** A chapter of the report. */
export type Section = {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly charts: readonly Chart[];
  readonly tables: readonly Table[];
};

/** All that a report shows of a night, in order of worth, whoever draws it; what the night has no data for is absent. */
export function contentOf({ summary }: Night): readonly Section[] {
  const sections: readonly Section[] = [
    {
      id: 'segments',
      title: 'The segments',
      lead: 'Who is in them, what they bring, and what each is for.',
      tables: [segmentTable(summary)],
      charts: present(sizeAndValue(summary)),
    },
    {
      id: 'soundness',
      title: 'Are the numbers sound?',
      lead: 'Every night is checked before it is computed, and guarded before it is published; what failed comes first.',
      tables: [verdictTable(summary), ...present(removedTable(summary))],
      charts: [],
    },
  ];
  return sections.filter(({ charts, tables }) => charts.length + tables.length > 0);
}

function present<Item>(item: Item | null): Item[] {
  return item === null ? [] : [item];
}
