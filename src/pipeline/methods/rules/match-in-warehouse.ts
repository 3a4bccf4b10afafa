import type { Fence, Model } from '../../../analysis/model.ts';
import { foundColumn } from '../../../analysis/sql/compute/customer-rows.ts';
import { matchAssignment } from '../../../analysis/sql/compute/matches.ts';
import type { RulesSegments } from '../../../job/rules/schema.ts';
import { statementAround } from '../../../warehouse/template/statement-around.ts';
import type { ReadContext } from '../../context.ts';
import type { InWarehouse, SourceSession } from '../../source/in-warehouse.ts';
import { askCustomers } from '../warehouse/ask-customers.ts';
import { describeCustomers } from '../warehouse/describe-customers.ts';
import { askQuestions } from '../warehouse/questions.ts';

/** Rules that were held against each customer where it is. */
export type WarehouseMatches = { readonly method: 'rules'; readonly fences: readonly Fence[] };

type Rules = { readonly segments: RulesSegments; readonly model: Pick<Model, 'fences'> | undefined };

/**
 * Finds the first rule that each customer satisfies in the warehouse. Undefined where there are no customers: the
 * stages say why.
 */
export async function matchInWarehouse(
  context: ReadContext,
  session: SourceSession,
  { segments, model }: Rules,
): Promise<InWarehouse<WarehouseMatches> | undefined> {
  const { job } = context.loaded;
  const questions = askQuestions(session, job.source.customer_id);
  const described = await describeCustomers(context, session);
  const rows = await askCustomers(questions, job, model);
  if (!rows) return undefined;
  const sql = matchAssignment(rows, { rules: segments.rules, ...described });
  return {
    fitted: { method: 'rules', fences: rows.fences },
    customers: statementAround(session.customers, sql),
    foundColumn,
    queries: questions.count(),
  };
}
