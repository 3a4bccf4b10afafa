import type * as z from 'zod';
import { tableRow, type TableRow } from './table.ts';

/** The tables that a job can name instead of writing one. */
export const presetNames = ['segtag', 'r-rfm', 'r-rfm-0.2', 'rf-grid', 'seed-004'] as const;
export type PresetName = (typeof presetNames)[number];

/** The text that goes with a segment unless the job has a label for it. */
export type PresetLabel = {
  readonly segment: string;
  readonly name: string;
  readonly campaign?: string;
  readonly description?: string;
};

type PresetCut = { readonly bins: number; readonly by?: 'rank' } | { readonly percentiles: readonly number[] };

/** A way of scoring, a table and its texts, in the words of a job file. */
export type Preset = {
  readonly recency: PresetCut;
  readonly frequency: PresetCut;
  readonly monetary: PresetCut;
  /** `r-rfm`: edges are quantiles plus 1, and an edge belongs to the bin above it. */
  readonly compat?: 'r-rfm';
  readonly score: 'average' | 'sum' | 'digits';
  readonly tiers?: readonly string[];
  readonly table: readonly TableRow[];
  readonly otherwise: string | null;
  readonly noPurchase: string | null;
  /** The segment of outliers that are tagged. */
  readonly outlier: string | null;
  readonly labels: readonly PresetLabel[];
};

function rows(...written: readonly z.input<typeof tableRow>[]): TableRow[] {
  return written.map((row) => tableRow.parse(row));
}

const fifths = { bins: 5 };

/** Every one of the 25 cells of recency and value belongs to exactly one row. */
const segtag: Preset = {
  recency: fifths,
  frequency: fifths,
  monetary: fifths,
  score: 'average',
  table: rows(
    { segment: 'champions', recency: 5, value: '4-5' },
    { segment: 'loyal', recency: '3-4', value: '4-5' },
    { segment: 'potential_loyalist', recency: '4-5', value: '2-3' },
    { segment: 'new', recency: 5, value: 1 },
    { segment: 'promising', recency: 4, value: 1 },
    { segment: 'need_attention', recency: 3, value: 3 },
    { segment: 'about_to_sleep', recency: 3, value: '1-2' },
    { segment: 'cant_lose_them', recency: '1-2', value: 5 },
    { segment: 'at_risk', recency: '1-2', value: '3-4' },
    { segment: 'hibernating', recency: 2, value: '1-2' },
    { segment: 'lost', recency: 1, value: '1-2' },
  ),
  otherwise: null,
  noPurchase: 'no_purchase',
  outlier: 'outlier_high',
  labels: [
    {
      segment: 'champions',
      name: 'Champions',
      campaign: 'reward, early access, ask for a referral or review; no discounts',
      description: 'Bought just now, often and for much.',
    },
    {
      segment: 'loyal',
      name: 'Loyal',
      campaign: 'upsell, loyalty tier, ask for reviews',
      description: 'Buy regularly.',
    },
    {
      segment: 'potential_loyalist',
      name: 'Potential loyalist',
      campaign: 'membership offer, recommend related products',
      description: 'Recent, and have bought more than once.',
    },
    {
      segment: 'new',
      name: 'New',
      campaign: 'onboarding series, offer for a second purchase',
      description: 'Their first purchase was just now.',
    },
    {
      segment: 'promising',
      name: 'Promising',
      campaign: 'brand awareness, free trial, small incentive',
      description: 'One purchase, not long ago.',
    },
    {
      segment: 'need_attention',
      name: 'Need attention',
      campaign: 'limited-time offer based on past purchases',
      description: 'Average in every way, and slipping.',
    },
    {
      segment: 'about_to_sleep',
      name: 'About to sleep',
      campaign: 'reconnect, popular products, reminder to renew',
      description: 'Below average, and slipping.',
    },
    {
      segment: 'cant_lose_them',
      name: "Can't lose them",
      campaign: 'personal call, renewal of the contract, win back before a competitor does',
      description: 'Were the best, and have gone quiet.',
    },
    {
      segment: 'at_risk',
      name: 'At risk',
      campaign: 'personal reactivation, renewal and helpful content',
      description: 'Used to buy often, long ago.',
    },
    {
      segment: 'hibernating',
      name: 'Hibernating',
      campaign: 'standard win-back, offer by category, low spend',
      description: 'Bought little, long ago.',
    },
    {
      segment: 'lost',
      name: 'Lost',
      campaign: 'one attempt to revive, then leave out of paid channels',
      description: 'The lowest scores.',
    },
    {
      segment: 'no_purchase',
      name: 'No purchase',
      campaign: 'nurture as a lead',
      description: 'Known, without an order in the window; never scored.',
    },
    {
      segment: 'outlier_high',
      name: 'Exceptional value',
      campaign: 'account-based, a person in charge',
      description: 'Kept out of the scoring for a very large value.',
    },
  ],
};

const rTexts = [
  ['champions', 'Champions'],
  ['potential_loyalist', 'Potential Loyalist'],
  ['loyal_customers', 'Loyal Customers'],
  ['promising', 'Promising'],
  ['new_customers', 'New Customers'],
  ['cant_lose_them', "Can't Lose Them"],
  ['at_risk', 'At Risk'],
  ['need_attention', 'Need Attention'],
  ['about_to_sleep', 'About To Sleep'],
  ['lost', 'Lost'],
  ['others', 'Others'],
] as const;

/** The package rfm of R (rsquaredacademy), 0.3.0, with the table of its README. */
const rRfm: Preset = {
  recency: fifths,
  frequency: fifths,
  monetary: fifths,
  compat: 'r-rfm',
  score: 'digits',
  table: rows(
    { segment: 'champions', recency: 5, frequency: 5, monetary: 5 },
    { segment: 'potential_loyalist', recency: '3-5', frequency: '3-5', monetary: '2-5' },
    { segment: 'loyal_customers', recency: '2-4', frequency: '2-4', monetary: '2-4' },
    { segment: 'promising', recency: '3-4', frequency: '1-3', monetary: '3-5' },
    { segment: 'new_customers', recency: '4-5', frequency: '1-3', monetary: '1-5' },
    { segment: 'cant_lose_them', recency: '1-2', frequency: '3-4', monetary: '4-5' },
    { segment: 'at_risk', recency: '1-2', frequency: '2-5', monetary: '4-5' },
    { segment: 'need_attention', recency: '1-3', frequency: '3-5', monetary: '3-5' },
    { segment: 'about_to_sleep', recency: '2-3', frequency: '1-3', monetary: '1-4' },
    { segment: 'lost', recency: 1, frequency: '1-5', monetary: '1-5' },
  ),
  otherwise: 'others',
  noPurchase: null,
  outlier: null,
  labels: rTexts.map(([segment, name]) => ({ segment, name })),
};

/** The same scoring with the older table, which the tests of that package use. */
const rRfmOlder: Preset = {
  ...rRfm,
  table: rows(
    { segment: 'champions', recency: '4-5', frequency: '4-5', monetary: '4-5' },
    { segment: 'loyal_customers', recency: '2-5', frequency: '3-5', monetary: '3-5' },
    { segment: 'potential_loyalist', recency: '3-5', frequency: '1-3', monetary: '1-3' },
    { segment: 'new_customers', recency: '4-5', frequency: 1, monetary: 1 },
    { segment: 'promising', recency: '3-4', frequency: 1, monetary: 1 },
    { segment: 'need_attention', recency: '2-3', frequency: '2-3', monetary: '2-3' },
    { segment: 'about_to_sleep', recency: '2-3', frequency: '1-2', monetary: '1-2' },
    { segment: 'at_risk', recency: '1-2', frequency: '2-5', monetary: '2-5' },
    { segment: 'cant_lose_them', recency: 1, frequency: '4-5', monetary: '4-5' },
    { segment: 'lost', recency: '1-2', frequency: '1-2', monetary: '1-2' },
  ),
};

/** The grid of recency and frequency of many public notebooks: total and disjoint. */
const rfGrid: Preset = {
  recency: fifths,
  frequency: { bins: 5, by: 'rank' },
  monetary: fifths,
  score: 'digits',
  table: rows(
    { segment: 'hibernating', cells: '[1-2][1-2]' },
    { segment: 'at_risk', cells: '[1-2][3-4]' },
    { segment: 'cant_loose', cells: '[1-2]5' },
    { segment: 'about_to_sleep', cells: '3[1-2]' },
    { segment: 'need_attention', cells: '33' },
    { segment: 'loyal_customers', cells: '[3-4][4-5]' },
    { segment: 'promising', cells: '41' },
    { segment: 'new_customers', cells: '51' },
    { segment: 'potential_loyalists', cells: '[4-5][2-3]' },
    { segment: 'champions', cells: '5[4-5]' },
  ),
  otherwise: null,
  noPurchase: null,
  outlier: null,
  labels: [],
};

/** Percentiles of each axis's own, sums, loyalty tiers, and patterns in order. */
const seed004: Preset = {
  recency: { percentiles: [30, 53, 80] },
  frequency: { percentiles: [98, 99.5, 99.8] },
  monetary: { percentiles: [65, 95, 99.8] },
  score: 'sum',
  tiers: ['Silver', 'Gold', 'Diamond', 'Platinum'],
  table: rows(
    { segment: 'inactive', cells: '1[1-2][2-3]' },
    { segment: 'at_risk', cells: '[1-2][1-3]3' },
    { segment: 'cant_lose', cells: '[1-2][1-4][3-4]' },
    { segment: 'about_to_sleep', cells: '1[1-4][2-4]' },
    { segment: 'promising', cells: '[3-4][3-4][2-4]' },
    { segment: 'new_customer', cells: '[1-2][1-4][1-2]' },
    { segment: 'target_upsell', cells: '[3-4][1-4]1' },
    { segment: 'nurture', cells: '[3-4][1-2][1-2]' },
    { segment: 'drive_loyality', cells: '[3-4][1-2][3-4]' },
  ),
  otherwise: null,
  noPurchase: null,
  outlier: null,
  labels: [
    { segment: 'inactive', name: 'Inactive' },
    { segment: 'at_risk', name: 'at-risk' },
    { segment: 'cant_lose', name: 'cant_lose' },
    { segment: 'about_to_sleep', name: 'about_to_sleep' },
    { segment: 'promising', name: 'Promising' },
    { segment: 'new_customer', name: 'New_Customer' },
    { segment: 'target_upsell', name: 'Target_Upsell' },
    { segment: 'nurture', name: 'Nurture' },
    { segment: 'drive_loyality', name: 'Drive_Loyality' },
  ],
};

/** What each preset says. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  segtag,
  'r-rfm': rRfm,
  'r-rfm-0.2': rRfmOlder,
  'rf-grid': rfGrid,
  'seed-004': seed004,
};
