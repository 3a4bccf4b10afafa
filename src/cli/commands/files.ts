import { Option, type Command } from 'commander';
import { sqlDialects } from '../../analysis/sql/dialect.ts';
import type { Group } from './group.ts';
import { setParameter } from './options.ts';

/** `validate`, `render`, `columns`, `export-sql` and `schema`: the files of a project; `reference`, for the product's own docs. */
export function addFileCommands({ program, terminal, finish }: Group): void {
  program
    .command('validate [jobs...]')
    .description('check job files, connections and SQL templates, offline')
    .option('--show-effective', 'print the jobs with all defaults, as YAML')
    .action(async (jobs: string[], _options, command: Command) => {
      const { validateCommand } = await import('../project-files.ts');
      finish(validateCommand(terminal, jobs, command.optsWithGlobals()));
    });
  program
    .command('render <job>')
    .description('print the SQL of a job with its parameters')
    .option('--as-of <date>', 'the date of the night')
    .addOption(setParameter())
    .action(async (job: string, _options, command: Command) => {
      const { renderCommand } = await import('../project-files.ts');
      finish(renderCommand(terminal, job, command.optsWithGlobals()));
    });
  program
    .command('columns <job>')
    .description('read what customers.sql returns, and say how the job file would name it')
    .option('--write', 'write it to the job file, as the contract under source.columns')
    .option('--as-of <date>', 'the date of the night')
    .addOption(setParameter())
    .action(async (job: string, _options, command: Command) => {
      const { columnsCommand } = await import('../columns.ts');
      finish(await columnsCommand(terminal, job, command.optsWithGlobals()));
    });
  program
    .command('export-sql <job>')
    .description('print one SELECT that gives each customer the segment by the published model')
    .addOption(new Option('--dialect <dialect>', "engine (default: the job's warehouse)").choices(sqlDialects))
    .option('--as-of <date>', 'the date of the night')
    .addOption(setParameter())
    .action(async (job: string, _options, command: Command) => {
      const { exportSqlCommand } = await import('../export-sql.ts');
      finish(await exportSqlCommand(terminal, job, command.optsWithGlobals()));
    });
  program
    .command('schema')
    .description("print the job file's JSON Schema for the editor")
    .option('--write', 'write the schemas under config/schema')
    .action(async (_options, command: Command) => {
      const { schemaCommand } = await import('../project-files.ts');
      finish(schemaCommand(terminal, command.optsWithGlobals()));
    });
  program
    .command('reference', { hidden: true })
    .description('print the references of the command line and of the keys of files, as Markdown')
    .option('--write', 'write them to docs/cli.md and docs/keys.md')
    .action(async (_options, command: Command) => {
      const { referenceCommand } = await import('../reference.ts');
      finish(referenceCommand(terminal, program, command.optsWithGlobals()));
    });
}
