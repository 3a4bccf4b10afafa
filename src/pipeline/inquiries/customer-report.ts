import { explainCustomer, type CustomerExplanation } from '../../analysis/explain-customer.ts';
import type { CentroidModel, Model } from '../../analysis/model.ts';
import type { Scores } from '../../analysis/scores.ts';
import { SegtagError } from '../../errors.ts';
import type { CustomerTag } from '../../staging/tags/customer-history.ts';
import type { Change } from '../../staging/tags/feed.ts';
import type { Staging } from '../../staging/staging.ts';

export type CustomerReport = {
  readonly job: string;
  readonly customer_id: string;
  readonly tag: CustomerTag;
  /** Null where the job doesn't cluster, or a value is missing. */
  readonly why: CustomerExplanation | null;
  readonly changes: readonly Change[];
};

/** A customer's tag, how it came about, and what would change it. Throws E_NOT_FOUND where there is no tag. */
export async function describeCustomer(
  staging: Staging,
  { job, customerId }: { readonly job: string; readonly customerId: string },
): Promise<CustomerReport> {
  const base = await staging.publishedBase(job);
  if (!base) throw notFound(job, 'This job has published nothing yet.', 'See `segtag runs`.');
  const { tag, changes } = await staging.readCustomer({ job, table: base.targetTable, customerId });
  if (!tag) throw notFound(customerId, `${job} has no tag for this customer.`, 'Check the id, and the job.');
  const scores = JSON.parse(tag.scores ?? '{}') as Scores;
  return { job, customer_id: customerId, tag, why: whyOf(base.model as Model | null, scores), changes };
}

function whyOf(model: Model | null, scores: Scores): CustomerExplanation | null {
  return model && 'scales' in model ? explainCustomer(model as CentroidModel, scores) : null;
}

function notFound(where: string, what: string, remedy: string): SegtagError {
  return new SegtagError('E_NOT_FOUND', { where, what, remedy });
}
