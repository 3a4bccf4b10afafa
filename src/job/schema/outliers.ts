import * as z from 'zod';
import { columnName, positive } from './parts.ts';

const outlierAction = z
  .enum(['tag', 'clip', 'drop'])
  .default('tag')
  .describe('tag: kept out of the fit, still tagged; clip: moved to the fence; drop: left out and counted');
const outlierSide = z.enum(['both', 'high', 'low']).default('both').describe('Which tail counts');
const outlierColumns = z.array(columnName).min(1).describe('A value beyond the fence in any of them makes an outlier');
const outlierCommon = { columns: outlierColumns, action: outlierAction, side: outlierSide };

/** Customers far from all others. */
export const outliers = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('iqr').describe('Fences beyond the quartiles'),
    factor: positive.default(1.5).describe('Interquartile ranges beyond the quartiles'),
    ...outlierCommon,
  }),
  z.strictObject({
    method: z.literal('zscore').describe('Fences around the mean'),
    factor: positive.default(3).describe('Standard deviations from the mean'),
    ...outlierCommon,
  }),
  z.strictObject({
    method: z.literal('robust_z').describe('Fences around the median'),
    factor: positive.default(3.5).describe('Scaled median absolute deviations from the median'),
    ...outlierCommon,
  }),
  z.strictObject({
    method: z.literal('percentile').describe('Fences at percentiles'),
    percentiles: z
      .tuple([z.number().min(0), z.number().max(100)])
      .default([1, 99])
      .describe('The lower and the upper fence, in percent'),
    ...outlierCommon,
  }),
]);
