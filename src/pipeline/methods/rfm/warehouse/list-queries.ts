import type { RfmModel } from '../../../../analysis/model.ts';
import { fittedAxis, fittedRfm, type FittedAxis } from '../../../../analysis/rfm/scoring.ts';
import {
  countDigits,
  countScored,
  orderWithin,
  scoreAssignment,
  type ScoredRows,
} from '../../../../analysis/sql/compute/scores.ts';
import type { RfmSegments } from '../../../../job/rfm/schema.ts';
import { rfmSettings, scoreCount, type RfmSettings } from '../../../../job/rfm/settings.ts';
import {
  fitRowsOf,
  listCustomerQueries,
  oneRow,
  type ListedQuery,
  type Listing,
} from '../../warehouse/listed-query.ts';

type ScoreListing = Listing & { readonly segments: RfmSegments; readonly model: RfmModel | undefined };

/** The queries of `scoreInWarehouse`, in their order. */
export function listScoreQueries(listing: ScoreListing): ListedQuery[] {
  const { segments, columns, customers, model, stays } = listing;
  const settings = rfmSettings(segments);
  const rows = { ...fitRowsOf(listing), axes: settings.axes, skipsNonBuyers: settings.noPurchase !== null };
  const { asked, axes } = listEdgeQueries(rows, settings);
  const scoring = model?.scoring ?? fittedRfm(settings, axes, null);
  return [
    ...listCustomerQueries(listing),
    oneRow('customers to score', settings.axes.length + 1, countScored(rows)),
    ...(stays ? [] : asked),
    {
      purpose: 'each customer with its scores',
      times: 1,
      rows: customers,
      cells: columns.length + 1,
      sql: scoreAssignment(rows, { scoring, table: settings.table, columns }),
    },
  ];
}

/** The queries of `askScoring`, by edges that stand at zero. */
function listEdgeQueries(
  rows: ScoredRows,
  settings: RfmSettings,
): { readonly asked: ListedQuery[]; readonly axes: FittedAxis[] } {
  const axes: FittedAxis[] = [];
  const asked: ListedQuery[] = [];
  const groups = (purpose: string): void => {
    asked.push({ purpose, times: 1, rows: groupsOf(axes), cells: 2, sql: countDigits(rows, axes) });
  };
  for (const axis of settings.axes) {
    const { column, cut } = axis;
    const places = cut.by === 'quantile' ? 2 * cut.shares.length : scoreCount(cut) - 1;
    const order = (before: readonly FittedAxis[]): void => {
      const sql = orderWithin(rows, { column, before, groups: [{ digits: 0, ranks: [1] }] });
      asked.push({ purpose: `edges of ${column}`, times: 1, rows: groupsOf(before) * places, cells: 4, sql });
    };
    const isAsked = cut.by !== 'values';
    if (isAsked) order([]);
    if (settings.binning === 'nested' && axes.length > 0) {
      groups('customers by their scores so far');
      if (isAsked) order([...axes]);
    }
    const edges = Array.from({ length: scoreCount(cut) - 1 }, () => ({ value: 0, id: null }));
    axes.push(fittedAxis(settings, axis, { '': edges }));
  }
  if (settings.tiers) groups('customers by their scores');
  return { asked, axes };
}

/** The most combinations of scores on these axes. */
function groupsOf(axes: readonly FittedAxis[]): number {
  return axes.reduce((product, { bins }) => product * bins, 1);
}
