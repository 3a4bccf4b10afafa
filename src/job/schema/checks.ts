import * as z from 'zod';
import { columnName, count, share } from './parts.ts';

const threshold = z
  .string('must be a comparison with the number or share of failures, such as > 10 or > 1%')
  .regex(
    /^(>=|>|<=|<|=|!=)\s*\d+(\.\d+)?%?$/,
    'must be a comparison with the number or share of failures, such as > 10 or > 1%',
  );

const checkOutcome = {
  severity: z.enum(['error', 'warn']).default('error').describe('error stops the run; warn is only reported'),
  message: z.string().min(1).optional().describe('A sentence that is shown when it fails: what it means, what to do'),
};
const checkCommon = {
  ...checkOutcome,
  warn_if: threshold.optional().describe('Failures that make a warning; default > 0'),
  error_if: threshold.optional().describe('Failures that make an error; default > 0'),
};
const columnsOfCheck = z.array(columnName).min(1).describe('Columns of customers.sql');

/** What must hold for the rows before anything is computed. */
export const check = z.discriminatedUnion('check', [
  z.strictObject({
    check: z.literal('unique').describe('No two customers have the same values in these columns'),
    columns: columnsOfCheck,
    ...checkCommon,
  }),
  z.strictObject({
    check: z.literal('not_null').describe('None of these columns is null'),
    columns: columnsOfCheck,
    ...checkCommon,
  }),
  z.strictObject({
    check: z.literal('row_count').describe('How many customers are read'),
    min: count.default(1).describe('The least that may be read'),
    max: count.optional().describe('The most that may be read'),
    max_drop: share.optional().describe('Against the median of the last successful runs'),
    ...checkOutcome,
  }),
  z.strictObject({
    check: z.literal('range').describe('Every value of these columns lies between min and max'),
    columns: columnsOfCheck,
    min: z.number().optional().describe('The least value'),
    max: z.number().optional().describe('The greatest value'),
    ...checkCommon,
  }),
  z.strictObject({
    check: z.literal('freshness').describe('The newest date or time of a column is not too old'),
    column: columnName.describe('A column of customers.sql that holds dates or times'),
    max_age_days: z.number().min(0).describe('Days from the newest value to as_of'),
    ...checkOutcome,
  }),
  z.strictObject({
    check: z.literal('accepted_values').describe('Every value of these columns is one of a list'),
    columns: columnsOfCheck,
    values: z
      .array(z.string())
      .min(1)
      .describe('Texts; of other types "true" or "false", "12.5", "YYYY-MM-DD", "YYYY-MM-DD HH:MM:SS"'),
    ...checkCommon,
  }),
  z.strictObject({
    check: z.literal('removed').describe('The cleaning in SQL does not remove too much'),
    rule: z.string().describe('A rule that quality.sql counts'),
    max_share: share.describe('The most that the rule may remove, of the rows that it looked at'),
    ...checkOutcome,
  }),
]);
