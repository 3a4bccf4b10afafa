import * as z from 'zod';
import { positive, refit } from './parts.ts';

/** A column that is clustered. */
export const feature = z.strictObject({
  transform: z.enum(['none', 'log1p']).default('none').describe('log1p for money and counts, whose tail is long'),
  scale: z
    .enum(['winsor_zscore', 'zscore', 'robust', 'minmax', 'none'])
    .default('winsor_zscore')
    .describe('How columns are made comparable; winsor_zscore first clamps to the 1st and 99th percentile'),
  weight: positive.default(1).describe('Multiplies the squared distance along this feature'),
  order: z
    .array(z.string())
    .min(2)
    .optional()
    .describe('For a column of texts with an order: its texts from the lowest to the highest, which count 0, 1, 2, …'),
  categories: z
    .union([z.literal('auto'), z.array(z.string()).min(2)])
    .optional()
    .describe('For a column of texts without an order: the ones that matter, or auto; a mismatch costs 1'),
});

/** Clusters of one fit. */
export const clusterCount = z.int().min(2).max(100);

const clusteringCommon = {
  k: z
    .union([clusterCount, z.literal('auto')])
    .default(4)
    .describe('Clusters; each needs a label. auto: the first night chooses, later ones only propose'),
  seed: z.int().min(0).max(0xffffffff).default(1).describe('The same seed and rows give the same segments'),
  refit,
};

/** Clusters around centroids. */
export const kmeansSegments = z.strictObject({
  method: z.literal('kmeans').describe('Clusters around centroids'),
  restarts: z.int().min(1).max(1000).default(20).describe('Starts of the first fit, of which the best is kept'),
  ...clusteringCommon,
});

/** Clusters by Ward's method. */
export const hierarchicalSegments = z.strictObject({
  method: z
    .literal('hierarchical')
    .describe("Clusters by Ward's method: exact up to 10,000 customers, on micro-clusters above"),
  ...clusteringCommon,
});
