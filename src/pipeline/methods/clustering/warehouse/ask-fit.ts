import type { CentroidModel, FeatureScale } from '../../../../analysis/model.ts';
import type { FitRows } from '../../../../analysis/sql/compute/customer-rows.ts';
import type { ReadContext } from '../../../context.ts';
import { askCustomers } from '../../warehouse/ask-customers.ts';
import type { Questions } from '../../warehouse/questions.ts';
import { askCodings } from './ask-codings.ts';
import { askFitCount, askScales } from './ask-fit-rows.ts';

/** The customers to cluster, and the scales of their features. */
export type AskedFit = {
  readonly rows: FitRows;
  /** Customers in the fit. */
  readonly count: number;
  readonly scales: readonly FeatureScale[];
};

/** What the fit is about: by the published fences and scales where a model goes on, else by new ones; undefined where there is nobody to fit. */
export async function askFit(
  context: ReadContext,
  questions: Questions,
  model: CentroidModel | undefined,
): Promise<AskedFit | undefined> {
  const { job } = context.loaded;
  const { features } = job;
  const rows = await askCustomers(questions, job, model);
  if (!rows) return undefined;
  const coded = await askCodings(questions, rows, { features, model });
  const count = await askFitCount(context, questions, rows, coded);
  const scales = model?.scales ?? (await askScales(questions, rows, { features, coded, count }));
  return { rows, count, scales };
}
