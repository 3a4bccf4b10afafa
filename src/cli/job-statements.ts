import { formatDay, type Day } from '../frame/day.ts';
import type { LoadedJob } from '../job/load-job.ts';
import { bindTemplate } from '../warehouse/template/bind-template.ts';
import { checkParameters } from '../warehouse/template/check-parameters.ts';
import { chosenTemplates, loadTemplates } from '../warehouse/template/load-templates.ts';
import { dialectOf, type Dialect, type Statement } from '../warehouse/warehouse.ts';
import type { Project } from './project.ts';

/** The statements that a night of a job sends to its warehouse. Throws what is wrong with its templates. */
export function jobStatements(
  project: Project,
  loaded: LoadedJob,
  asOf: Day,
): { readonly dialect: Dialect; readonly statements: readonly Statement[] } {
  const { job } = loaded;
  const dialect = dialectOf(job.source.connection, project.client(job.source.connection));
  const templates = loadTemplates(project.directory, job, dialect);
  checkParameters(templates, loaded, dialect);
  const statements = chosenTemplates(templates).map(({ file, text }) =>
    bindTemplate({
      file,
      text,
      params: job.source.params,
      identifiers: job.source.identifiers,
      builtin: { as_of: formatDay(asOf), run_id: 'render' },
      dialect,
      label: job.job,
    }),
  );
  return { dialect, statements };
}
