import { diffLists, type ListDiff, type WantedLists } from '../../analysis/decide/diff-lists.ts';
import { makeOffers, type Offers } from '../../analysis/recommend/recommend.ts';
import type { IdColumn } from '../../frame/column.ts';
import { columnOf } from '../../frame/frame.ts';
import { idAt, idColumn } from '../../frame/id.ts';
import type { ListChanges, ListSet, Recommendation } from '../../frame/recommendations.ts';
import type { Staging } from '../../staging/staging.ts';
import type { Checked } from './check.ts';
import type { RunContext } from '../context.ts';
import type { Extracted } from './extract.ts';
import type { Segmentation } from '../methods/segmentation.ts';
import { orderColumns } from './orders.ts';
import type { Separated } from './outliers.ts';

export type Recommended = {
  readonly changes: ListChanges;
  readonly counts: ListDiff['counts'];
  readonly offers: Offers;
  /** The lists of the segments that have one, in their order. */
  readonly segments: readonly { readonly segment: string; readonly products: readonly Recommendation[] }[];
};

/** The lists that are published. */
export type PublishedLists = { readonly customers: ListSet; readonly segments: ListSet };

export type RecommendStageInput = {
  readonly extracted: Extracted;
  readonly checked: Checked;
  readonly separated: Separated;
  readonly segmentation: Segmentation;
  readonly published: PublishedLists;
};

/** Reads a job's published lists; those that an earlier version of the job has left are found too. */
export async function readPublishedLists(staging: Staging, job: string): Promise<PublishedLists> {
  return {
    customers: await staging.readLists({ job, kind: 'customer' }),
    segments: await staging.readLists({ job, kind: 'segment' }),
  };
}

/** Offers products to tonight's customers and segments, and compares the lists with those published. */
export function recommend(context: RunContext, input: RecommendStageInput): Recommended {
  const { job } = context.loaded;
  const { segmentation, separated, published } = input;
  const { orders } = input.extracted;
  if (!orders) throw new Error('the templates of recommendations were not read');
  const customers = columnOf(separated.customers, job.source.customer_id, 'id');
  const offers = makeOffers({
    ...orderColumns(context.loaded, orders),
    customers,
    segmentOf: segmentation.segmentOf,
    segments: segmentation.segments,
    settings: job.recommendations!,
  });
  const kept = keptCustomers(input, customers);
  const keepsAll = job.publish.leavers === 'keep';
  const { scores } = job.publish;
  const ofCustomers = diffLists(
    'customer',
    published.customers,
    { ids: customers, itemsAt: offers.toCustomer, lengthAt: offers.countToCustomer },
    { scores, keeps: (id) => job.recommendations!.per_customer > 0 && (keepsAll || kept.has(id)) },
  );
  const ofSegments = diffLists('segment', published.segments, segmentLists(segmentation, offers), {
    scores,
    keeps: () => false,
  });
  const segments = segmentation.segments.map(({ segment }, i) => ({ segment, products: offers.toSegment(i) }));
  return {
    ...changesOf([ofCustomers, ofSegments]),
    offers,
    segments: segments.filter(({ products }) => products.length),
  };
}

/** Removes the lists of a job that no longer recommends anything. */
export function withdrawLists({ customers, segments }: PublishedLists): Pick<Recommended, 'changes' | 'counts'> {
  const none: WantedLists = { ids: idColumn([]), itemsAt: () => [], lengthAt: () => 0 };
  const options = { scores: 'with_segment', keeps: () => false } as const;
  return changesOf([diffLists('customer', customers, none, options), diffLists('segment', segments, none, options)]);
}

/** The recommendations in one line. */
export function noteRecommend({ offers, counts }: Recommended): string {
  const parts = [
    `${count(offers.rules.count)} rules`,
    `${count(offers.lists.products.length)} offers to customers`,
    `${count(counts.written)} lists change`,
  ];
  if (counts.removed > 0) parts.push(`${count(counts.removed)} are withdrawn`);
  if (offers.strangers > 0) parts.push(`${count(offers.strangers)} purchases of customers unknown tonight`);
  return parts.join(' · ');
}

/** Present tonight, but without a segment: such customers keep what they have. */
function keptCustomers({ checked, segmentation }: RecommendStageInput, customers: IdColumn): ReadonlySet<string> {
  const unnamed = [...segmentation.segmentOf.keys()].filter((row) => segmentation.segmentOf[row] === -1);
  return new Set([...checked.repeatedIds, ...unnamed.map((row) => idAt(customers, row))]);
}

function segmentLists({ segments }: Segmentation, offers: Offers): WantedLists {
  const order = [...segments.keys()].sort((i, j) => (segments[i]!.segment < segments[j]!.segment ? -1 : 1));
  return {
    ids: idColumn(order.map((i) => segments[i]!.segment)),
    itemsAt: (row) => offers.toSegment(order[row]!),
    lengthAt: (row) => offers.toSegment(order[row]!).length,
  };
}

function changesOf(diffs: readonly ListDiff[]): Pick<Recommended, 'changes' | 'counts'> {
  const sum = (key: keyof ListDiff['counts']): number => diffs.reduce((total, { counts }) => total + counts[key], 0);
  const counts = { written: sum('written'), removed: sum('removed'), unchanged: sum('unchanged') };
  return {
    counts,
    changes: {
      count: counts.written + counts.removed,
      *each() {
        for (const diff of diffs) yield* diff.each();
      },
    },
  };
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
