import type { Model } from '../analysis/model.ts';
import { segmentStatement } from '../analysis/sql/segment-statement.ts';
import type { SqlDialect } from '../analysis/sql/dialect.ts';
import { SegtagError } from '../errors.ts';
import { formatDay } from '../frame/day.ts';
import { loadJob, type LoadedJob } from '../job/load-job.ts';
import { bindTemplate } from '../warehouse/template/bind-template.ts';
import { inlineStatement } from '../warehouse/template/inline-statement.ts';
import { loadTemplates } from '../warehouse/template/load-templates.ts';
import { dialectOf } from '../warehouse/warehouse.ts';
import { chooseAsOf } from './as-of.ts';
import { openProject, type GlobalOptions } from './project.ts';
import { withParams } from './set-params.ts';
import type { Terminal } from './terminal.ts';
import { withStore } from './with-staging.ts';

export type ExportOptions = GlobalOptions & {
  readonly dialect?: SqlDialect;
  readonly asOf?: string;
  readonly set: readonly string[];
};

/** `segtag export-sql <job>`: one SELECT that gives each customer the segment that the published model says. */
export async function exportSqlCommand(terminal: Terminal, jobName: string, options: ExportOptions): Promise<number> {
  const project = openProject(options);
  const loaded = withParams(loadJob(project.directory, jobName), options.set);
  const { job } = loaded;
  const published = await withStore(project, job.publish.connection, (staging) => staging.publishedBase(job.job));
  if (!published?.model) refuseUnpublished(loaded);
  const dialect = options.dialect ?? dialectOf(job.source.connection, project.client(job.source.connection));
  if (job.segments.method === 'hierarchical' && job.segments.refit === 'nightly')
    terminal.say('Note: the published tags follow the tree of the night; this SELECT takes the nearest centroid.');
  // SQLite is no warehouse and has no templates of its own; the rules of DuckDB for quotes fit it.
  const written = dialect === 'sqlite' ? 'duckdb' : dialect;
  const { customers } = loadTemplates(project.directory, job, written);
  const statement = bindTemplate({
    file: customers.file,
    text: customers.text,
    params: job.source.params,
    identifiers: job.source.identifiers,
    builtin: { as_of: formatDay(chooseAsOf(project, loaded, options.asOf, new Date())), run_id: published.runId },
    dialect: written,
    label: job.job,
  });
  const sql = segmentStatement(published.model as Model, {
    dialect,
    columns: job.source.columns ?? {},
    customerId: job.source.customer_id,
    customersSql: inlineStatement(statement, written),
  });
  if (options.json)
    terminal.print(JSON.stringify({ schemaVersion: 1, job: job.job, run: published.runId, dialect, sql }));
  else terminal.print(sql.trimEnd());
  return 0;
}

function refuseUnpublished({ job }: LoadedJob): never {
  throw new SegtagError('E_NOT_FOUND', {
    where: job.job,
    what: 'Nothing is published yet, so there is no model to write down.',
    remedy: `Publish a night first: segtag run ${job.job}`,
  });
}
