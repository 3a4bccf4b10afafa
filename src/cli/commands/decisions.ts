import type { Command } from 'commander';
import type { Group } from './group.ts';
import { crmConnection, setParameter } from './options.ts';

/** `approve`, `reject` and `retry`: what people decide about a night. */
export function addDecisionCommands({ program, terminal, finish }: Group): void {
  program
    .command('approve <run>')
    .description('publish exactly what a planned or held run computed')
    .option('--reason <text>', 'why; needed where a guard holds the run, and kept with it')
    .option('--allow-older', 'publish an older date than the published one')
    .addOption(crmConnection())
    .action(async (run: string, _options, command: Command) => {
      const { approveCommand } = await import('../decisions.ts');
      finish(await approveCommand(terminal, run, command.optsWithGlobals()));
    });
  program
    .command('reject <run>')
    .description('close a planned or held run without publishing it')
    .option('--reason <text>', 'why; kept with the run')
    .addOption(crmConnection())
    .action(async (run: string, _options, command: Command) => {
      const { rejectCommand } = await import('../decisions.ts');
      finish(await rejectCommand(terminal, run, command.optsWithGlobals()));
    });
  program
    .command('retry <run>')
    .description('publish what a failed run computed, or compute its night again')
    .option('--reason <text>', 'why; kept with the run')
    .addOption(setParameter('as the run was given it, where its night is computed again; repeatable'))
    .option('--allow-older', 'publish an older date than the published one')
    .option('--hold-ok', 'exit 0 also when a guard holds the run')
    .addOption(crmConnection())
    .action(async (run: string, _options, command: Command) => {
      const { retryCommand } = await import('../decisions.ts');
      finish(await retryCommand(terminal, run, command.optsWithGlobals()));
    });
}
