import type { Fence, RfmModel } from '../../../../analysis/model.ts';
import type { FittedRfm } from '../../../../analysis/rfm/scoring.ts';
import { foundColumn } from '../../../../analysis/sql/compute/customer-rows.ts';
import {
  countScored,
  scoreAssignment,
  unscorableIds,
  type ScoredRows,
} from '../../../../analysis/sql/compute/scores.ts';
import { formatDay } from '../../../../frame/day.ts';
import type { RfmSegments } from '../../../../job/rfm/schema.ts';
import { rfmSettings } from '../../../../job/rfm/settings.ts';
import { statementAround } from '../../../../warehouse/template/statement-around.ts';
import type { ReadContext } from '../../../context.ts';
import type { InWarehouse, SourceSession } from '../../../source/in-warehouse.ts';
import { notFinite } from '../../../stages/not-finite.ts';
import { askCustomers } from '../../warehouse/ask-customers.ts';
import { describeCustomers } from '../../warehouse/describe-customers.ts';
import { askQuestions, type Questions } from '../../warehouse/questions.ts';
import { edgesStay } from '../score-customers.ts';
import { askScoring } from './ask-scoring.ts';

/** Scores that were found where the customers are. */
export type WarehouseScores = {
  readonly method: 'rfm';
  readonly fences: readonly Fence[];
  readonly scoring: FittedRfm;
  readonly fittedOn: string;
  readonly refitted: boolean;
};

/**
 * Scores customers in the warehouse, by the edges and rules of the scoring in memory: what comes back are counts and
 * order statistics, and in the end each customer with its scores and its row of the table. Undefined where there are
 * no customers: the stages say why.
 */
export async function scoreInWarehouse(
  context: ReadContext,
  session: SourceSession,
  { segments, model }: { readonly segments: RfmSegments; readonly model: RfmModel | undefined },
): Promise<InWarehouse<WarehouseScores> | undefined> {
  const { job } = context.loaded;
  const settings = rfmSettings(segments);
  const questions = askQuestions(session, job.source.customer_id);
  const { columns } = await describeCustomers(context, session);
  const customers = await askCustomers(questions, job, model);
  if (!customers) return undefined;
  const rows = { ...customers, axes: settings.axes, skipsNonBuyers: settings.noPurchase !== null };
  const count = await askScoredCount(context, questions, rows);
  const stays = edgesStay(context, segments, model);
  const scoring = stays ? model!.scoring : await askScoring(questions, rows, { settings, count });
  const sql = scoreAssignment(rows, { scoring, table: settings.table, columns });
  const fittedOn = stays ? model!.fittedOn : formatDay(context.asOf);
  return {
    fitted: { method: 'rfm', fences: rows.fences, scoring, fittedOn, refitted: !stays },
    customers: statementAround(session.customers, sql),
    foundColumn,
    queries: questions.count(),
  };
}

/** How many customers get scores; refuses values that can't be scored, as `findBuyers` does. */
async function askScoredCount({ loaded }: ReadContext, questions: Questions, rows: ScoredRows): Promise<number> {
  const [counted] = await questions.numbers(countScored(rows));
  for (const [i, { axis, column }] of rows.axes.entries()) {
    const count = counted?.[`bad${i + 1}`] ?? 0;
    if (count === 0) continue;
    const shown = await questions.ids(unscorableIds(rows, column));
    throw notFinite(loaded, { column, path: ['segments', axis], count, shown });
  }
  return counted?.['scored'] ?? 0;
}
