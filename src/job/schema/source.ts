import * as z from 'zod';
import { columnName, count, positive, share, slug } from './parts.ts';

/** A value that is bound in SQL. */
export const parameter = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string(), z.number()])).min(1, 'an empty list matches nothing; give at least one value'),
]);

/** What a column of customers.sql must be. `money` is a number that SQL summed as DECIMAL. */
export const columnTypes = ['text', 'number', 'money', 'date', 'timestamp', 'boolean'] as const;

/** Where the customers come from. */
export const source = z.strictObject({
  connection: z.string().default('warehouse').describe('A connection of the target in config/connections.yaml'),
  customer_id: columnName.describe('The column of customers.sql that identifies a customer'),
  params: z.record(slug, parameter).default({}).describe('Values bound to :name in the SQL'),
  identifiers: z
    .record(slug, z.string())
    .default({})
    .describe('Names, such as a schema, put in place of :name: in the SQL'),
  columns: z
    .record(columnName, z.enum(columnTypes))
    .optional()
    .describe('The contract: columns that customers.sql must return'),
  max_invalid: z
    .union([count.transform((count) => ({ count })), share.transform((share) => ({ share }))])
    .prefault(0)
    .describe(
      'Customers with a null, empty or repeated id that are tolerated: a number of rows, or a percentage of them',
    ),
  timeout_seconds: positive.default(3600).describe('Time limit of each query'),
});
