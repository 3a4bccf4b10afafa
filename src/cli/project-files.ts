import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { effectiveText } from '../job/effective.ts';
import { jsonSchemas } from '../job/json-schema.ts';
import { loadJob, loadJobs } from '../job/load-job.ts';
import { formatMistake } from '../job/mistake.ts';
import { checkParameters } from '../warehouse/template/check-parameters.ts';
import { loadTemplates } from '../warehouse/template/load-templates.ts';
import { requireStaging } from '../staging/staging-clients.ts';
import { dialectOf } from '../warehouse/warehouse.ts';
import { chooseAsOf } from './as-of.ts';
import { jobStatements } from './job-statements.ts';
import { lintJobs } from './lint-jobs.ts';
import { openProject, type GlobalOptions } from './project.ts';
import { withParams } from './set-params.ts';
import type { Terminal } from './terminal.ts';

type ValidateOptions = GlobalOptions & { readonly showEffective?: boolean };

/** `segtag validate [job…]`: job files, connections and SQL templates, offline; their defaults where asked for. */
export function validateCommand(terminal: Terminal, jobs: readonly string[], options: ValidateOptions): number {
  const project = openProject(options);
  const loaded = loadJobs(project.directory, jobs.length > 0 ? jobs : undefined);
  for (const each of loaded) {
    const dialect = dialectOf(each.job.source.connection, project.client(each.job.source.connection));
    checkParameters(loadTemplates(project.directory, each.job, dialect), each, dialect);
    requireStaging(each.job.publish.connection, project.client(each.job.publish.connection));
  }
  const warnings = lintJobs(loaded);
  const names = loaded.map(({ job }) => job.job);
  if (options.json) {
    const told = warnings.map(({ file, line, column, path, message }) => ({ file, line, column, path, message }));
    const effective = loaded.map(({ job, text }) => [job.job, effectiveText(text)]);
    const shown = options.showEffective ? { effective: Object.fromEntries(effective) } : {};
    terminal.print(JSON.stringify({ schemaVersion: 1, valid: names, warnings: told, ...shown }));
    return 0;
  }
  if (options.showEffective) {
    for (const warning of warnings) terminal.say(`warning: ${formatMistake(warning)}`);
    terminal.print(
      loaded
        .map(({ file, text }) => `# ${file}, with its defaults\n${effectiveText(text)}`)
        .join('---\n')
        .trimEnd(),
    );
    return 0;
  }
  for (const warning of warnings) terminal.print(`warning: ${formatMistake(warning)}`);
  terminal.print(`${names.length} ${names.length === 1 ? 'job is' : 'jobs are'} valid: ${names.join(', ')}.`);
  return 0;
}

/** `segtag render <job>`: the SQL with its parameters beside it, as the warehouse would get it. */
export function renderCommand(
  terminal: Terminal,
  jobName: string,
  options: GlobalOptions & { readonly set: readonly string[]; readonly asOf?: string },
): number {
  const project = openProject(options);
  const loaded = withParams(loadJob(project.directory, jobName), options.set);
  const asOf = chooseAsOf(project, loaded, options.asOf, new Date());
  const { dialect, statements } = jobStatements(project, loaded, asOf);
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, dialect, statements }));
  else
    for (const { file, sql, bindings } of statements)
      terminal.print(`-- ${file}\n${sql.trimEnd()}\n-- bound: ${JSON.stringify(bindings)}\n`);
  return 0;
}

/** `segtag schema`: the editor's JSON Schemas, printed, or written under config/schema. */
export function schemaCommand(terminal: Terminal, options: GlobalOptions & { readonly write?: boolean }): number {
  const schemas = jsonSchemas();
  if (!options.write) {
    terminal.print(Object.values(schemas)[0]!.trimEnd());
    return 0;
  }
  for (const [path, text] of Object.entries(schemas)) {
    const file = join(options.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  terminal.print(`Wrote ${Object.keys(schemas).join(', ')}.`);
  return 0;
}
