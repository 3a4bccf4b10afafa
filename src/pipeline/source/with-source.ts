import type { Frame } from '../../frame/frame.ts';
import { openWarehouse } from '../../warehouse/open.ts';
import { checkParameters } from '../../warehouse/template/check-parameters.ts';
import { loadTemplates, type Template, type Templates } from '../../warehouse/template/load-templates.ts';
import { dialectOf, type ReadOptions } from '../../warehouse/warehouse.ts';
import type { ReadContext } from '../context.ts';
import { sourceSession, type SourceSession } from './in-warehouse.ts';
import { statementOf } from './statement.ts';

/** The job's templates, and a session to read them in. */
export type Source = {
  readonly templates: Templates;
  readonly session: SourceSession;
  /** Reads a template by what it must return. */
  read(template: Template, contract: Pick<ReadOptions, 'idColumn' | 'columns'>): Promise<Frame>;
};

/** Lets `work` read the job's templates and ask about its customers, in one session that is closed whatever happens. */
export async function withSource<Result>(
  context: ReadContext,
  work: (source: Source) => Promise<Result>,
): Promise<Result> {
  const { job } = context.loaded;
  const dialect = dialectOf(context.warehouse.name, context.warehouse.config.client);
  const templates = loadTemplates(context.projectDir, job, dialect);
  checkParameters(templates, context.loaded, dialect);
  const warehouse = await openWarehouse(context.warehouse, { job: job.job, runId: context.runId });
  try {
    const session = sourceSession(context, warehouse, statementOf(templates.customers, context, dialect));
    return await work({
      templates,
      session,
      read: (template, contract) => session.read(statementOf(template, context, dialect), contract),
    });
  } finally {
    await warehouse.close();
  }
}
