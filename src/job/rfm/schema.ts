import * as z from 'zod';
import { columnName, refit, slug } from '../schema/parts.ts';
import { presetNames } from './presets.ts';
import { tableRow } from './table.ts';

const bins = z.int().min(2).max(9);

const axisSettings = z.strictObject({
  column: columnName.describe('The column of customers.sql'),
  better: z.enum(['high', 'low']).optional().describe('Which end has the highest score; recency: low, others: high'),
  bins: bins.optional().describe('Scores, each with the same share of the customers; default 5'),
  percentiles: z
    .array(z.number().min(0).max(100))
    .min(1)
    .max(8)
    .optional()
    .describe('Where to cut, in percent of the customers, instead of bins'),
  cuts: z
    .array(z.number())
    .min(1)
    .max(8)
    .optional()
    .describe('Where to cut, in units of the column, instead of bins; the cut itself belongs to the lower side'),
  by: z
    .enum(['quantile', 'rank', 'ntile'])
    .optional()
    .describe(
      'quantile: equal values have equal scores; rank: equal values are told apart by customer id; ntile: as NTILE of SQL',
    ),
  weight: z.number().positive().max(1000).default(1).describe('Of this score in average and sum'),
});
const axis = z.union([columnName.transform((column) => axisSettings.parse({ column })), axisSettings]);

/** Segments by scores of recency, frequency and monetary value, and a table of them. */
export const rfmSegments = z.strictObject({
  method: z.literal('rfm').describe('Scores of recency, frequency and monetary value, and a table of segments'),
  preset: z.enum(presetNames).optional().describe('A table of segments with its way of scoring; default segtag'),
  recency: axis.describe('Days since the last order: a column, or how to score it'),
  frequency: axis.describe('How many orders'),
  monetary: axis.optional().describe('What they are worth'),
  binning: z
    .enum(['independent', 'nested'])
    .default('independent')
    .describe('nested: frequency is cut within each recency score, monetary within both'),
  score: z
    .enum(['average', 'sum', 'digits'])
    .optional()
    .describe('How the scores make one; digits: 543 for 5, 4 and 3'),
  value_axis: z
    .enum(['frequency', 'rounded_mean', 'mean'])
    .optional()
    .describe('What `value` of the table is: frequency, or the mean of frequency and monetary'),
  table: z.array(tableRow).min(1).optional().describe('The first row that fits gives the segment'),
  otherwise: slug.optional().describe('The segment of scores that no row fits'),
  no_purchase: slug.optional().describe('The segment of customers without an order, who have no scores'),
  tiers: z
    .array(z.string().min(1))
    .min(2)
    .max(9)
    .optional()
    .describe('Names for equal parts of the customers by the sum of their scores, lowest first'),
  refit,
});

export type RfmSegments = z.output<typeof rfmSegments>;
