import type { Command } from 'commander';
import type { Group } from './group.ts';

/** `model`: what a night goes on from. */
export function addModelCommands({ program, terminal, finish }: Group): void {
  const model = program.command('model').description('the model that nights go on from');
  model
    .command('reset <job>')
    .description('let the next run estimate scale and clusters anew; it is held')
    .action(async (job: string, _options, command: Command) => {
      const { resetModelCommand } = await import('../model.ts');
      finish(await resetModelCommand(terminal, job, command.optsWithGlobals()));
    });
}
