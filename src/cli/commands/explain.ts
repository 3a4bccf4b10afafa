import type { Command } from 'commander';
import type { Group } from './group.ts';
import { crmConnection } from './options.ts';

/** `explain` and `customer`: why a segment has its name, and a customer its segment. */
export function addExplainCommands({ program, terminal, finish }: Group): void {
  program
    .command('explain <job-or-run>')
    .description('say why each segment has its name, and what tells the segments apart')
    .addOption(crmConnection())
    .action(async (jobOrRun: string, _options, command: Command) => {
      const { explainCommand } = await import('../explain.ts');
      finish(await explainCommand(terminal, jobOrRun, command.optsWithGlobals()));
    });
  program
    .command('customer <job> <id>')
    .description('show the tag of a customer, how it came about and what would change it')
    .addOption(crmConnection())
    .action(async (job: string, customerId: string, _options, command: Command) => {
      const { customerCommand } = await import('../explain.ts');
      finish(await customerCommand(terminal, { job, customerId }, command.optsWithGlobals()));
    });
}
