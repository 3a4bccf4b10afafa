import type { Command } from 'commander';
import type { Group } from './group.ts';
import { crmConnection, positiveInteger } from './options.ts';

/** `runs`, `show`, `diff` and `migrate`: the run store. */
export function addStoreCommands({ program, terminal, finish }: Group): void {
  program
    .command('runs [job]')
    .description('list the newest runs')
    .option('-n, --limit <count>', 'how many', positiveInteger, 20)
    .addOption(crmConnection())
    .action(async (job: string | undefined, _options, command: Command) => {
      const { runsCommand } = await import('../runs.ts');
      finish(await runsCommand(terminal, job, command.optsWithGlobals()));
    });
  program
    .command('show <run>')
    .description('show what a run found and did')
    .option('--show-ids', 'show customer ids')
    .addOption(crmConnection())
    .action(async (run: string, _options, command: Command) => {
      const { showCommand } = await import('../runs.ts');
      finish(await showCommand(terminal, run, command.optsWithGlobals()));
    });
  program
    .command('diff <before> <after>')
    .description('show what changed from one run of a job to another: sizes, moves, names, figures and model')
    .addOption(crmConnection())
    .action(async (before: string, after: string, _options, command: Command) => {
      const { diffCommand } = await import('../diff.ts');
      finish(await diffCommand(terminal, { before, after }, command.optsWithGlobals()));
    });
  program
    .command('migrate')
    .description('create or upgrade the staging tables')
    .action(async (_options, command: Command) => {
      const { migrateCommand } = await import('../migrate.ts');
      finish(await migrateCommand(terminal, command.optsWithGlobals()));
    });
}
