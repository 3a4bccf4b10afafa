import type { Command } from 'commander';
import type { RestoreOptions } from '../undo.ts';
import type { Group } from './group.ts';
import { positiveInteger } from './options.ts';

/** `rollback` and `verify`, which bring tags back, and `prune`, which says how far. */
export function addUndoCommands({ program, terminal, finish }: Group): void {
  program
    .command('rollback <job>')
    .description('bring the tags of an earlier run back, as a run that can itself be undone')
    .requiredOption('--to <run>', 'the run whose tags come back')
    .option('--reason <text>', 'why; kept with the run')
    .option('--plan', 'compute and keep it for a decision, without writing tags')
    .option('--show-ids', 'show customer ids')
    .option('--hold-ok', 'exit 0 also when a guard holds the run')
    .action(async (job: string, _options, command: Command) => {
      const { rollbackCommand } = await import('../undo.ts');
      finish(await rollbackCommand(terminal, job, command.optsWithGlobals()));
    });
  program
    .command('verify [job]')
    .description('compare the tags with what runs have written; exit code 9 when they differ')
    .option('--repair', 'write what runs have written over rows that say something else')
    .option('--reason <text>', 'why they are repaired; kept with the run')
    .option('--plan', 'compute the repair and keep it for a decision')
    .option('--show-ids', 'show customer ids')
    .option('--hold-ok', 'exit 0 also when a guard holds the repair')
    .action(async (job: string | undefined, _options, command: Command) => {
      const options = command.optsWithGlobals<RestoreOptions & { repair?: boolean }>();
      const { repairCommand, verifyCommand } = await import('../verify.ts');
      if (!options.repair) return finish(await verifyCommand(terminal, job, options));
      if (job === undefined) command.error('error: name the job to repair');
      return finish(await repairCommand(terminal, job, options));
    });
  program
    .command('prune [job]')
    .description('remove the history before the published runs that publish.keep_runs keeps')
    .option('--older-than <days>', 'keep whatever is younger as well', positiveInteger)
    .option('--dry-run', 'tell what would be removed, and remove nothing')
    .action(async (job: string | undefined, _options, command: Command) => {
      const { pruneCommand } = await import('../prune.ts');
      finish(await pruneCommand(terminal, job, command.optsWithGlobals()));
    });
}
