import { openWarehouse } from '../warehouse/open.ts';
import { checkParameters } from '../warehouse/template/check-parameters.ts';
import { loadTemplates } from '../warehouse/template/load-templates.ts';
import { dialectOf } from '../warehouse/warehouse.ts';
import type { ReadContext } from './context.ts';
import { sourceSession, type SourceSession } from './in-warehouse.ts';
import { statementOf } from './statement.ts';

/** Lets `use` ask the warehouse about the job's customers, in a session of its own that is closed whatever happens. */
export async function withSource<Result>(
  context: ReadContext,
  use: (session: SourceSession) => Promise<Result>,
): Promise<Result> {
  const { job } = context.loaded;
  const dialect = dialectOf(context.warehouse.name, context.warehouse.config.client);
  const templates = loadTemplates(context.projectDir, job, dialect);
  checkParameters(templates, context.loaded, dialect);
  const warehouse = await openWarehouse(context.warehouse, { job: job.job, runId: context.runId });
  try {
    return await use(sourceSession(context, warehouse, statementOf(templates.customers, context, dialect)));
  } finally {
    await warehouse.close();
  }
}
