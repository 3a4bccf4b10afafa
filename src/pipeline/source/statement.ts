import { formatDay } from '../../frame/day.ts';
import { bindTemplate } from '../../warehouse/template/bind-template.ts';
import type { Template } from '../../warehouse/template/load-templates.ts';
import type { Dialect, Statement } from '../../warehouse/warehouse.ts';
import type { ReadContext } from '../context.ts';

/** A template of the job as this run sends it. */
export function statementOf(template: Template, context: ReadContext, dialect: Dialect): Statement {
  const { job } = context.loaded;
  return bindTemplate({
    file: template.file,
    text: template.text,
    params: job.source.params,
    identifiers: job.source.identifiers,
    builtin: { as_of: formatDay(context.asOf), run_id: context.runId },
    dialect,
    label: job.job,
  });
}
