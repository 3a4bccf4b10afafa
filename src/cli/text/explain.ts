import type { CustomerReport } from '../../pipeline/inquiries/customer-report.ts';
import type { RunSummary } from '../../pipeline/summary.ts';
import type { RunRecord } from '../../staging/runs/run-record.ts';
import { formatCount, formatShare, formatValue } from './numbers.ts';
import { formatTable } from './table.ts';

/** A run's segments for a person: who is in them and why, and the questions that tell them apart. */
export function explanationText(run: RunRecord, width: number | undefined): string {
  const summary = run.summary as RunSummary;
  const parts = [
    `${run.runId}: ${run.status}, as of ${run.asOf}`,
    ...summary.segments.filter(({ customers }) => customers > 0).map((segment) => segmentText(segment, summary)),
    treeText(summary, width),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** A customer for a person: the tag, why, and how it came about. */
export function customerText({ customer_id: id, job, tag, why, changes }: CustomerReport): string {
  const name = tag.segment === null ? 'no segment' : `${tag.segmentName ?? tag.segment} (${tag.segment})`;
  const history = changes.map(({ changedAt, kind, fromSegment, toSegment, runId }) => [
    changedAt,
    kind,
    `${fromSegment ?? '(none)'} → ${toSegment ?? '(left)'}`,
    runId,
  ]);
  const titles = ['When', 'Change', 'Segments', 'Run'].map((title) => ({ title, align: 'left' }) as const);
  return [
    `${id} in ${job}: ${name}, ${tag.state}, since ${tag.segmentSince}`,
    ...(why === null ? [] : [whyText(why)]),
    formatTable(titles, history),
  ].join('\n\n');
}

function segmentText(
  { name, segment, customers, share, explanation }: RunSummary['segments'][number],
  summary: RunSummary,
): string {
  const purities = summary.clusters.filter((each) => each.segment === segment).map(({ purity }) => purity);
  const pure = purities.map((purity) => (purity === null ? '' : `; ${formatShare(purity)} of them fit it one by one`));
  const why = explanation === null ? '' : `\n  ${explanation}`;
  return `${name} (${segment}): ${formatCount(customers)} customers, ${formatShare(share)}${pure.join('')}${why}`;
}

function treeText({ tree }: RunSummary, width: number | undefined): string {
  if (!tree) return '';
  const rows = tree.leaves.map(({ segment, sentence, rows: customers, purity }) => [
    segment,
    sentence,
    formatCount(customers),
    formatShare(purity),
  ]);
  const titles = [
    { title: 'Segment', align: 'left' },
    { title: 'In short', align: 'left' },
    { title: 'Customers', align: 'right' },
    { title: 'Right', align: 'right' },
  ] as const;
  const fidelity = `These rules give ${formatShare(tree.fidelity_test)} of ${formatCount(tree.test_customers)} customers their segment that they were not made from.`;
  return `${formatTable(titles, rows, width)}\n${fidelity}\n\n${confusionText(tree, width)}`;
}

/** How the rules did on the customers that they were not made from: by their segment, what the rules say. */
function confusionText({ confusion }: NonNullable<RunSummary['tree']>, width: number | undefined): string {
  const { segments, customers } = confusion;
  const isMet = segments.map((_, i) => customers.some((row, j) => row[i]! > 0 || (i === j && row.some((n) => n > 0))));
  const met = (_: unknown, i: number): boolean => isMet[i]!;
  const rows = segments.map((segment, i) => [segment, ...customers[i]!.filter(met).map(formatCount)]).filter(met);
  const titles = segments.filter(met).map((segment) => ({ title: `Rules say ${segment}`, align: 'right' }) as const);
  return formatTable([{ title: 'Of segment', align: 'left' }, ...titles], rows, width);
}

function whyText({ segment, distance, alternative }: NonNullable<CustomerReport['why']>): string {
  if (alternative === null) return `Nearest is ${segment} (distance ${distance.toFixed(2)}).`;
  const turns = alternative.turns.map(
    ({ column, from, to }) => `${column} ${formatValue(to)} instead of ${formatValue(from)}`,
  );
  const change = turns.length === 0 ? '' : `\nAt the border with it: ${turns.join(', or ')}.`;
  return `With the values published, nearest is ${segment} (distance ${distance.toFixed(2)}), next ${alternative.segment} (${alternative.distance.toFixed(2)}).${change}`;
}
