import type { Command } from 'commander';
import type { Group } from './group.ts';
import { crmConnection } from './options.ts';

/** `status` and `metrics`: for whoever watches over the jobs. */
export function addWatchCommands({ program, terminal, finish }: Group): void {
  program
    .command('status [jobs...]')
    .description('show how each job stands: last success, next due, what waits, who runs, what is overdue')
    .option('--check', 'exit 9 when a job is overdue')
    .action(async (jobs: string[], _options, command: Command) => {
      const { statusCommand } = await import('../status.ts');
      finish(await statusCommand(terminal, jobs, command.optsWithGlobals()));
    });
  program
    .command('metrics')
    .description('print metrics of every job in Prometheus text form')
    .addOption(crmConnection())
    .action(async (_options, command: Command) => {
      const { metricsCommand } = await import('../metrics.ts');
      finish(await metricsCommand(terminal, command.optsWithGlobals()));
    });
}
