import { rowsAmong } from '../../../frame/rows.ts';
import { withoutValues, type MoveReason } from '../../../analysis/decide/reason.ts';
import type { Scores } from '../../../analysis/scores.ts';
import { refitIsDue } from '../../../analysis/decide/refit.ts';
import { columnNamed } from '../../../analysis/matrix.ts';
import type { RfmModel } from '../../../analysis/model.ts';
import { fitRfm, scoreRfm, type FittedRfm, type RfmInput, type RfmScores } from '../../../analysis/rfm/scoring.ts';
import { formatDay, parseDay } from '../../../frame/day.ts';
import { columnOf } from '../../../frame/frame.ts';
import { isNull } from '../../../frame/column.ts';
import type { RfmSettings } from '../../../job/rfm/settings.ts';
import type { RfmSegments } from '../../../job/rfm/schema.ts';
import type { ReadContext, RunContext } from '../../context.ts';
import { refuseNotFinite } from '../../stages/not-finite.ts';
import { rowsMarked, type Separated } from '../../stages/outliers.ts';

/** Which customers get scores, and who has never bought anything. */
export type Buyers = RfmInput & {
  /** 1 marks a customer without an order. */
  readonly withoutPurchase: Uint8Array;
};

export type ScoredCustomers = {
  readonly fitted: FittedRfm;
  /** Of `buyers.rows`. */
  readonly scores: RfmScores;
  readonly buyers: Buyers;
  /** The row of the table that takes each of `buyers.rows`, -1 for none; absent where nobody has looked yet. */
  readonly tableRowOf?: Int32Array;
  readonly fittedOn: string;
  readonly refitted: boolean;
};

/** Parts customers with an order from those without, and refuses values that can't be scored. */
export function findBuyers(context: RunContext, separated: Separated, settings: RfmSettings): Buyers {
  const { loaded } = context;
  const { customers, columns, fitColumns, isOutlier } = separated;
  const withoutPurchase = new Uint8Array(customers.rowCount);
  if (settings.noPurchase !== null) markWithoutPurchase(separated, settings, withoutPurchase);
  const isScored = isOutlier.map((mark, row) => (mark === 0 && withoutPurchase[row] === 0 ? 1 : 0));
  const rows = rowsMarked(isScored, 1);
  for (const { axis, column } of settings.axes) {
    const { values } = columnNamed(columns, column);
    const bad = rowsAmong(rows, (row) => !Number.isFinite(values[row]));
    if (bad.length > 0) refuseNotFinite(loaded, customers, { column, path: ['segments', axis], rows: bad });
  }
  const ids = columnOf(customers, loaded.job.source.customer_id, 'id');
  return { columns: fitColumns, ids, rows, withoutPurchase };
}

/** The columns in one line. */
export function noteBuyers({ rows, withoutPurchase }: Buyers): string {
  const without = withoutPurchase.reduce((sum, mark) => sum + mark, 0);
  return `${count(rows.length)} customers to score${without > 0 ? `, ${count(without)} without a purchase` : ''}`;
}

export type ScoringInput = {
  readonly segments: RfmSegments;
  readonly settings: RfmSettings;
  readonly buyers: Buyers;
  readonly model: RfmModel | undefined;
};

/** Scores the customers, by the published edges unless new ones are due. */
export function scoreCustomers(context: RunContext, input: ScoringInput): ScoredCustomers {
  const { segments, settings, buyers, model } = input;
  if (model && edgesStay(context, segments, model)) {
    const scores = scoreRfm(model.scoring, buyers);
    return { fitted: model.scoring, scores, buyers, fittedOn: model.fittedOn, refitted: false };
  }
  return { ...fitRfm(settings, buyers), buyers, fittedOn: formatDay(context.asOf), refitted: true };
}

/** Whether the published edges are not due to move. */
export function edgesStay(
  { asOf }: ReadContext,
  { refit }: RfmSegments,
  model: RfmModel | undefined,
): model is RfmModel {
  return model !== undefined && !refitIsDue(refit, parseDay(model.fittedOn), asOf);
}

/** The scoring in one line. */
export function noteScores({ fitted, refitted }: ScoredCustomers): string {
  const axes = fitted.axes.map(({ axis, bins }) => `${axis} 1-${bins}`).join(', ');
  return `RFM, ${axes}${refitted ? '' : ', by the published edges'}`;
}

/** Why a customer moved: the score that changed, and the value behind it. */
export function reasonForScores({ axes }: FittedRfm, published: Scores, now: Scores): MoveReason {
  const changed = axes.find(({ axis }) => published[axis.charAt(0)] !== now[axis.charAt(0)]);
  if (!changed) return withoutValues('same scores; the table of segments changed');
  const { axis, column } = changed;
  const letter = axis.charAt(0);
  const score = `${axis} score ${written(published[letter])} → ${written(now[letter])}`;
  if (published[column] === now[column]) return withoutValues(`${score}; same ${column}, the edges moved`);
  return { quiet: score, full: `${score} (${column} ${written(published[column])} → ${written(now[column])})` };
}

/** Without an order there is no recency, and no or zero frequency. */
function markWithoutPurchase({ customers }: Separated, { axes }: RfmSettings, marks: Uint8Array): void {
  for (const { axis, column } of axes) {
    if (axis === 'monetary') continue;
    const cells = columnOf(customers, column, 'number');
    for (let row = 0; row < marks.length; row++) {
      if (isNull(cells, row) || (axis === 'frequency' && cells.values[row]! <= 0)) marks[row] = 1;
    }
  }
}

function written(value: Scores[string] | undefined): string {
  return value === null || value === undefined ? '–' : value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
