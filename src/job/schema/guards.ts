import * as z from 'zod';
import { count, share } from './parts.ts';

const thenHold = z
  .enum(['hold', 'warn'])
  .default('hold')
  .describe('hold: nothing is published until a person approves; warn: only reported');
const off = z.literal('off');
const least = z.number().min(-1).max(1).describe('A lower figure trips the guard');
const most = z.number().positive().describe('A higher figure trips the guard');
const shareGuard = {
  max: share.describe('A greater share trips the guard'),
  min_customers: count.default(10).describe('Fewer customers than this never trip the guard'),
  then: thenHold,
};

/** What holds a run instead of publishing it. */
export const guards = z.strictObject({
  moved: z
    .union([off, z.strictObject(shareGuard)])
    .prefault({ max: '10%' })
    .describe('Customers whose segment changes, of those present on both nights'),
  leavers: z
    .union([off, z.strictObject(shareGuard)])
    .prefault({ max: '10%' })
    .describe('Customers that leave, of the base'),
  segment_share: z
    .union([
      off,
      z.strictObject({
        min: share.prefault('1%').describe('A smaller segment trips the guard'),
        max: share.prefault('100%').describe('A larger segment trips the guard'),
        then: thenHold,
      }),
    ])
    .optional()
    .describe(
      'Size of each segment; labels with `when: outlier` are exempt. Clusters: default min 1%; others: default off',
    ),
  silhouette_sq: z
    .union([off, z.strictObject({ min: least, then: thenHold })])
    .prefault('off')
    .describe('Mean silhouette with squared Euclidean distance'),
  segment_vanishes: z
    .union([off, z.strictObject({ then: thenHold })])
    .prefault({})
    .describe('A segment that had customers has none'),
  psi: z
    .union([off, z.strictObject({ max: most, then: thenHold })])
    .optional()
    .describe('Population stability index of the segment shares; default max 0.25, off where moved is off'),
  ari: z
    .union([off, z.strictObject({ min: least, then: thenHold })])
    .optional()
    .describe('Adjusted Rand index against the published segments; default min 0.8, off where moved is off'),
  centroid_shift: z
    .union([off, z.strictObject({ max: most, then: thenHold })])
    .optional()
    .describe('How far any cluster moves in a night, in the frozen scale; default max 0.5'),
  silhouette_drop: z
    .union([off, z.strictObject({ max: most, then: thenHold })])
    .optional()
    .describe('How much the squared Euclidean silhouette falls in a night; default max 0.1'),
});
