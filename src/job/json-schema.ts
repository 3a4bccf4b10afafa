import * as z from 'zod';
import { connectionsSchema } from './connections-schema.ts';
import { jobSchema } from './schema.ts';

/** JSON Schemas for editors, by path relative to the project folder; the text of each file ends with a newline. */
export function jsonSchemas(): Record<string, string> {
  return {
    'config/schema/job.schema.json': schemaText('segtag job file', jobSchema),
    'config/schema/connections.schema.json': schemaText('segtag connections file', connectionsSchema),
  };
}

/** Draft 7, which the YAML language server reads best. */
function schemaText(title: string, schema: z.ZodType): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}
