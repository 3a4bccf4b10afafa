import type { Command } from 'commander';
import type { Group } from './group.ts';
import { crmConnection } from './options.ts';

/** `approve` and `reject`: what people decide about a night. */
export function addDecisionCommands({ program, terminal, finish }: Group): void {
  program
    .command('approve <run>')
    .description('publish exactly what a planned or held run computed')
    .option('--allow-older', 'publish an older date than the published one')
    .addOption(crmConnection())
    .action(async (run: string, _options, command: Command) => {
      const { approveCommand } = await import('../decisions.ts');
      finish(await approveCommand(terminal, run, command.optsWithGlobals()));
    });
  program
    .command('reject <run>')
    .description('close a planned or held run without publishing it')
    .addOption(crmConnection())
    .action(async (run: string, _options, command: Command) => {
      const { rejectCommand } = await import('../decisions.ts');
      finish(await rejectCommand(terminal, run, command.optsWithGlobals()));
    });
}
