import { adviseCustomer } from '../../analysis/recommend/advise.ts';
import type { RecommendMethod } from '../../analysis/recommend/methods.ts';
import type { RuleMeasures } from '../../analysis/recommend/rule-measures.ts';
import { SegtagError } from '../../errors.ts';
import { formatDay } from '../../frame/day.ts';
import { idAt, idColumn, rowOfId } from '../../frame/id.ts';
import type { TagSet } from '../../frame/tags.ts';
import type { PublishedBase } from '../../staging/runs/run-store.ts';
import type { Staging } from '../../staging/staging.ts';
import type { ReadContext } from '../context.ts';
import { extractOrders } from '../stages/extract.ts';
import { finiteOrNull } from '../finite.ts';
import { orderColumns } from '../stages/orders.ts';

/** What a customer would be offered and why; the shape of `recommend --json`. */
export type CustomerAdvice = {
  readonly schemaVersion: 1;
  readonly job: string;
  readonly customer_id: string;
  /** The published segment. */
  readonly segment: string;
  /** The date that purchases and pairs are of. */
  readonly as_of: string;
  readonly method: RecommendMethod | 'all';
  readonly owned: readonly string[];
  readonly products: readonly {
    readonly rank: number;
    readonly product_id: string;
    readonly score: number;
    readonly reason: string;
    /** Of the rule that the reason names, null where none does; an infinite conviction is null. */
    readonly rule: Readonly<Record<keyof RuleMeasures, number | null>> | null;
  }[];
  /** Customers whose purchases are most alike, best first. */
  readonly similar: readonly {
    readonly customer_id: string;
    readonly segment: string;
    readonly cosine: number;
    readonly shared_products: number;
  }[];
};

export type AdviseOptions = {
  readonly customerId: string;
  readonly method: RecommendMethod | undefined;
  /** Products at most. */
  readonly most: number;
};

const mostSimilar = 10;

/**
 * Reads what customers bought and lists what one of them would be offered, among the customers and segments that
 * are published. Writes nothing. Throws E_USAGE for a job that recommends nothing and E_NOT_FOUND for a customer
 * without a published segment.
 */
export async function adviseOn(
  context: ReadContext,
  staging: Staging,
  { base, customerId, method, most }: AdviseOptions & { readonly base: PublishedBase },
): Promise<CustomerAdvice> {
  const { job } = context.loaded;
  const { recommendations: settings } = job;
  if (!settings) refuseJob(context);
  const published = await staging.readTags({ job: job.job, table: base.targetTable, withScores: false });
  const customer = rowOfId(published.customerId, idColumn([customerId]), 0);
  const { segments, segmentOf } = segmentsOf(published);
  const segment = segments[segmentOf[customer] ?? -1]?.segment;
  if (segment === undefined) refuseCustomer(job.job, customerId);
  const orders = await extractOrders(context);
  if (!orders) refuseJob(context);
  const input = {
    ...orderColumns(context.loaded, orders),
    customers: published.customerId,
    segments,
    segmentOf,
    settings,
  };
  const { items, owned, similar } = adviseCustomer(input, { customer, method, most, mostSimilar });
  return {
    schemaVersion: 1,
    job: job.job,
    customer_id: customerId,
    segment,
    as_of: formatDay(context.asOf),
    method: method ?? 'all',
    owned,
    products: items.map(({ productId, score, reason, rule }, i) => ({
      rank: i + 1,
      product_id: productId,
      score,
      reason,
      rule: rule && { ...rule, conviction: finiteOrNull(rule.conviction) },
    })),
    similar: similar.map(({ customer: other, cosine, shared }) => ({
      customer_id: idAt(published.customerId, other),
      segment: segments[segmentOf[other]!]?.segment ?? '',
      cosine,
      shared_products: shared,
    })),
  };
}

/** Each customer's published segment, -1 for who has left. */
function segmentsOf({ rowCount, segment: { codes, dictionary }, state }: TagSet): {
  readonly segments: readonly { readonly segment: string }[];
  readonly segmentOf: Int32Array;
} {
  const isActive = (row: number): boolean => state.dictionary[state.codes[row]!] === 'active';
  return {
    segments: dictionary.map((segment) => ({ segment })),
    segmentOf: Int32Array.from({ length: rowCount }, (_, row) => (isActive(row) ? codes[row]! : -1)),
  };
}

function refuseJob({ loaded }: ReadContext): never {
  throw new SegtagError('E_USAGE', {
    where: `jobs/${loaded.job.job}.yaml`,
    what: `${loaded.job.job} recommends no products.`,
    remedy: 'Give it recommendations:, purchases.sql and pairs.sql, as docs/recommendations.md says.',
  });
}

function refuseCustomer(job: string, customerId: string): never {
  throw new SegtagError('E_NOT_FOUND', {
    where: customerId,
    what: `${job} has no segment for this customer.`,
    remedy: 'Check the id, and the job.',
  });
}
