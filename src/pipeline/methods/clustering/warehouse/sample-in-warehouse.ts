import type { Matrix } from '../../../../analysis/matrix.ts';
import type { ReadContext } from '../../../context.ts';
import type { SourceSession } from '../../../source/in-warehouse.ts';
import { describeCustomers } from '../../warehouse/describe-customers.ts';
import { askQuestions } from '../../warehouse/questions.ts';
import { askFit } from './ask-fit.ts';
import { askSample } from './ask-sample.ts';

/** Scaled features of the customers that a fit would start from. */
export type WarehouseSample = {
  readonly matrix: Matrix;
  /** Customers in the fit. */
  readonly customers: number;
};

/** Scales the features in the warehouse as a first night would, and reads those customers; undefined where there are none. */
export async function sampleInWarehouse(
  context: ReadContext,
  session: SourceSession,
  seed: number,
): Promise<WarehouseSample | undefined> {
  const questions = askQuestions(session, context.loaded.job.source.customer_id);
  await describeCustomers(context, session);
  const fit = await askFit(context, questions, undefined);
  if (!fit) return undefined;
  const matrix = await askSample(questions, fit.rows, { ...fit, seed });
  return { matrix, customers: fit.count };
}
