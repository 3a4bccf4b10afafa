import * as z from 'zod';

const slugPattern = /^[a-z][a-z0-9_]{0,62}$/;

/** A name that is published or bound. */
export const slug = z
  .string()
  .regex(slugPattern, 'must be a slug: a lower-case letter, then lower-case letters, digits or _, at most 63 in all');

/** The name of a column of customers.sql. */
export const columnName = z.string().min(1);

/** How often what was fitted is fitted again. */
export const refit = z
  .enum(['nightly', 'weekly', 'monthly', 'never'])
  .default('nightly')
  .describe('When centroids and bin edges move; on other nights customers go by the published ones');
export type Refit = z.output<typeof refit>;

/** `10%` in the file, 0.1 in memory. */
export const share = z
  .string('must be a percentage such as 10%')
  .regex(/^\d+(\.\d+)?%$/, 'must be a percentage such as 10%')
  .transform((text) => Number(text.slice(0, -1)) / 100);

export const count = z.int().min(0);
export const positive = z.number().positive();
