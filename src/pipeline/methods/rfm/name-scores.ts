import type { SegmentText } from '../../../analysis/decide/diff.ts';
import { rowText } from '../../../analysis/lint/cells.ts';
import { firstRows } from '../../../analysis/rfm/segment-table.ts';
import type { RfmSettings } from '../../../job/rfm/settings.ts';
import type { Job } from '../../../job/schema.ts';
import type { Separated } from '../../stages/outliers.ts';
import { missingMandatory, outlierLabel, segmentTexts } from '../named-segments.ts';
import type { ScoredCustomers } from './score-customers.ts';

export type NamedScores = {
  readonly segments: readonly SegmentText[];
  readonly segmentOf: Int32Array;
  readonly outlierSegment: string | null;
  readonly explanations: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
};

/** Looks every customer's scores up in the table. */
export function nameScores(
  job: Job,
  settings: RfmSettings,
  { separated, scored }: { readonly separated: Separated; readonly scored: ScoredCustomers },
): NamedScores {
  const { table, otherwise, noPurchase } = settings;
  const outlierSegment = job.outliers?.action === 'tag' ? (outlierLabel(job) ?? settings.outlier) : null;
  const slugs = [...table.map(({ segment }) => segment), otherwise, noPurchase, outlierSegment];
  const segments = segmentTexts(
    job,
    slugs.filter((slug) => slug !== null),
    settings.labels,
  );
  const indexOf = (slug: string | null): number => segments.findIndex(({ segment }) => segment === slug);
  const [ofOutliers, ofNonBuyers, ofOthers] = [outlierSegment, noPurchase, otherwise].map(indexOf);
  const { rows, withoutPurchase } = scored.buyers;
  const { isOutlier } = separated;
  const segmentOf = Int32Array.from({ length: isOutlier.length }, (_, row) =>
    isOutlier[row] === 1 ? ofOutliers! : withoutPurchase[row] === 1 ? ofNonBuyers! : -1,
  );
  const ofRow = table.map(({ segment }) => indexOf(segment));
  for (const [i, found] of (scored.tableRowOf ?? firstRows(table, scored.scores)).entries())
    segmentOf[rows[i]!] = found < 0 ? ofOthers! : ofRow[found]!;
  return {
    segments,
    segmentOf,
    outlierSegment,
    explanations: explanationsOf(settings),
    problems: [...withoutSegment(segmentOf), ...missingMandatory(job, segments, segmentOf)],
  };
}

/** The naming in one line. */
export function noteNames({ segments, segmentOf, problems }: NamedScores): string {
  const found = new Set(segmentOf.filter((index) => index >= 0)).size;
  return [`customers in ${found} of ${segments.length} segments`, ...problems].join(' · ');
}

function explanationsOf({ table, labels, otherwise }: RfmSettings): Map<string, string> {
  const explanations = new Map<string, string>();
  for (const { segment, description } of labels) if (description) explanations.set(segment, description);
  for (const segment of new Set(table.map((row) => row.segment))) {
    const ranges = table
      .filter((row) => row.segment === segment)
      .map(rowText)
      .join(' or ');
    explanations.set(
      segment,
      [...(explanations.has(segment) ? [explanations.get(segment)] : []), `Scores: ${ranges}.`].join(' '),
    );
  }
  if (otherwise !== null && !explanations.has(otherwise)) explanations.set(otherwise, 'Scores that no row fits.');
  return explanations;
}

function withoutSegment(segmentOf: Int32Array): string[] {
  const count = segmentOf.reduce((sum, index) => sum + (index < 0 ? 1 : 0), 0);
  if (count === 0) return [];
  const who = count === 1 ? '1 customer has' : `${count.toLocaleString('en-US')} customers have`;
  return [`${who} scores that no row of the table fits, and the job names no segment as otherwise.`];
}
