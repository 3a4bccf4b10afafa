import * as z from 'zod';
import { labelConditionField, rowPredicateField } from '../expression/field.ts';
import { clusterCount, feature } from './clustering.ts';
import { columnName, slug } from './parts.ts';

const labelParts = {
  segment: slug.describe('The slug that is published'),
  name: z.string().min(1).describe('What people read'),
  campaign: z.string().min(1).optional().describe('What to use the segment for'),
  mandatory: z.boolean().default(false).describe('A run that finds no such segment is held'),
  prototype: z
    .record(columnName, z.number().min(0).max(100))
    .optional()
    .describe('Where the cluster should lie, in percentiles of all customers; only the axes that matter'),
  when: labelConditionField
    .optional()
    .describe(
      'A condition on the cluster, such as recency_days.median >= 365 ~30; or outlier: the label of customers kept out of the fit',
    ),
  guard: rowPredicateField
    .optional()
    .describe('A condition on each customer of the cluster; who does not satisfy it gets guard_else'),
  guard_else: slug.optional().describe('The segment of customers that do not satisfy guard'),
};

const children = z.strictObject({
  k: clusterCount.describe('Clusters of the customers with this label; each needs a label of its own'),
  features: z
    .record(columnName, feature)
    .optional()
    .describe("What they are clustered by, on a scale of their own; default the job's features"),
  labels: z
    .array(z.strictObject(labelParts))
    .describe('The names of these clusters, in percentiles of the customers that are divided'),
});

/** The name of a segment, and which cluster it is for. */
export const label = z.strictObject({
  ...labelParts,
  children: children
    .optional()
    .describe('Customers with this label are clustered again among themselves and get the segments named here'),
});

/** How clusters and labels are matched. */
export const labelling = z.strictObject({
  cardinality: z
    .enum(['one_to_one', 'many_to_one', 'first_match'])
    .default('one_to_one')
    .describe(
      'one_to_one: a label names one cluster at most; many_to_one: each cluster takes its best label; first_match: the first that fits',
    ),
  unmatched: z
    .enum(['hold', 'keep'])
    .default('hold')
    .describe('A cluster that fits no label. hold: holds the run; keep: its customers keep the tags they have'),
  ambiguous: z
    .enum(['incumbent', 'best', 'hold'])
    .default('incumbent')
    .describe('Below min_margin. incumbent: yesterday decides; best: the degrees alone; hold: holds the run'),
  min_degree: z.number().min(0).max(1).default(0.5).describe('A cluster that fits its label less holds the run'),
  min_margin: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe('Below this lead over the second-best naming, `ambiguous` decides'),
  incumbent_bonus: z.number().min(0).max(1).default(0.15).describe('Added to the label that the cluster had yesterday'),
});
