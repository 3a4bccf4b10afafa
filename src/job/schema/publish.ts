import * as z from 'zod';
import { consumers } from './notify.ts';
import { share } from './parts.ts';

/** Where the segments go. */
export const publish = z.strictObject({
  connection: z.string().default('crm').describe('A connection of the target in config/connections.yaml'),
  table: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'must be a plain table name')
    .default('segment_tag')
    .describe('The staging table that campaign tools read'),
  leavers: z
    .enum(['tombstone', 'keep', 'delete'])
    .default('tombstone')
    .describe(
      'Customers gone from the source. tombstone: state left, segment cleared; keep: untouched; delete: removed',
    ),
  scores: z
    .enum(['with_segment', 'always'])
    .default('with_segment')
    .describe('with_segment: scores are written when the segment changes; always: also when only they change'),
  control: share
    .refine((of) => of > 0 && of < 1, 'must be above 0% and below 100%')
    .optional()
    .describe('Share of the customers that campaigns leave out, for ever the same ones, to measure uplift against'),
  keep_runs: z
    .int()
    .min(1)
    .default(90)
    .describe('Published runs that `segtag prune` keeps whole: a rollback to each stays possible'),
  consumers: consumers.optional().describe('How far readers of the change feed may be behind'),
});

const listLength = z.int().min(0).max(100);

/** Products for customers and segments. */
export const recommendations = z.strictObject({
  per_customer: listLength.default(3).describe('Products offered to each customer; 0: no lists for customers'),
  per_segment: listLength.default(10).describe('Products offered to each segment; 0: no lists for segments'),
  exclude: z
    .array(z.string().min(1))
    .default([])
    .describe('Product ids that are never recommended, such as postage; * stands for any text'),
  min_orders: z
    .int()
    .min(1)
    .default(5)
    .describe('Orders that a pair of products, and customers of a segment that a product, must have to count'),
  min_support: share.prefault('0.1%').describe('Share of all orders that a pair of products must be in as well'),
  min_lift: z.number().min(0).default(1).describe('A rule counts above this; 1 is chance'),
});

/** The page that is written after each run. */
export const report = z.strictObject({
  ids: z
    .enum(['hidden', 'shown'])
    .default('hidden')
    .describe('Whether reports name customers who moved, with the values that moved them'),
  keep: z.int().min(0).default(30).describe('Reports of runs that stay in reports/; 0: none is written'),
});
