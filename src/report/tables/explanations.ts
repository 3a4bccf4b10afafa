import { columnTitle, count, percent } from '../format.ts';
import type { NightSummary } from '../night.ts';
import { namesOf, shownSegments, type ShownSegment } from '../segments.ts';
import type { Table } from '../table.ts';

/** Why each segment has its name; null where nothing says so. */
export function nameTable(summary: NightSummary): Table | null {
  const explained = shownSegments(summary).filter(({ explanation }) => explanation !== null);
  if (explained.length === 0) return null;
  return {
    id: 'names',
    title: 'Why each segment has its name',
    isFolded: true,
    columns: [
      { title: 'Segment', kind: 'text' },
      { title: 'Because', kind: 'text' },
    ],
    rows: explained.map(({ name, explanation }) => [name, explanation]),
    segmentOfRow: explained.map(({ place }) => place),
  };
}

const statistics = ['mean', 'p10', 'median', 'p90'] as const;

/** Every figure of every segment, a row each; null where nothing is measured. */
export function profileTable(summary: NightSummary, described: readonly string[]): Table | null {
  const rowsOf = (segment: ShownSegment): { readonly segment: ShownSegment; readonly column: string }[] => {
    const columns = described.length > 0 ? described : Object.keys(segment.profile);
    return columns.filter((column) => segment.profile[column]).map((column) => ({ segment, column }));
  };
  const rows = shownSegments(summary).flatMap(rowsOf);
  if (rows.length === 0) return null;
  return {
    id: 'profile',
    title: 'All figures of each segment',
    isFolded: true,
    columns: [
      { title: 'Segment', kind: 'text' },
      { title: 'Figure', kind: 'text' },
      { title: 'Mean', kind: 'measure' },
      { title: 'A tenth is below', kind: 'measure' },
      { title: 'Median', kind: 'measure' },
      { title: 'A tenth is above', kind: 'measure' },
      { title: 'Without a value', kind: 'count' },
    ],
    rows: rows.map(({ segment: { name, profile }, column }) => [
      name,
      columnTitle(column),
      ...statistics.map((statistic) => profile[column]![statistic]),
      profile[column]!.missing,
    ]),
    segmentOfRow: rows.map(({ segment }) => segment.place),
  };
}

/** The segments as a few questions, one row per answer; null where no tree was learnt. */
export function treeTable(summary: NightSummary): Table | null {
  const { tree } = summary;
  if (!tree) return null;
  const nameOf = namesOf(summary);
  const places = tree.leaves.map(({ segment }) => summary.segments.findIndex((each) => each.segment === segment));
  return {
    id: 'questions',
    title: `The segments as a few questions, right for ${percent(tree.fidelity_test)} of the customers`,
    columns: [
      { title: 'Segment', kind: 'text' },
      { title: 'Customers with', kind: 'text' },
      { title: 'Of them in the segment', kind: 'share' },
    ],
    rows: tree.leaves.map(({ segment, sentence, purity }) => [nameOf(segment), sentence, purity]),
    segmentOfRow: places.map((place) => (place < 0 ? null : place)),
  };
}

/** Where the job's plain rule and the segments differ; null where the job has none. */
export function ruleTable(summary: NightSummary): Table | null {
  const { rule_tag: agreement } = summary;
  if (!agreement || agreement.share === null) return null;
  const nameOf = namesOf(summary);
  return {
    id: 'plain-rule',
    title: `The plain rule says the same of ${percent(agreement.share)} of ${count(agreement.customers)} customers`,
    columns: [
      { title: 'By the plain rule', kind: 'text' },
      { title: 'Segment', kind: 'text' },
      { title: 'Customers', kind: 'count' },
      { title: 'Share of the rule', kind: 'share' },
    ],
    rows: agreement.cells.map(({ rule, segment, customers, share }) => [
      nameOf(rule),
      nameOf(segment),
      customers,
      share,
    ]),
  };
}
