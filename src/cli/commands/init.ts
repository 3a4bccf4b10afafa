import { Option, type Command } from 'commander';
import { projectTemplates } from '../project-templates.ts';
import type { Group } from './group.ts';

/** `init`: a new project. */
export function addInitCommand({ program, terminal, finish }: Group): void {
  program
    .command('init [folder]')
    .description('write a project folder that runs at once on generated data')
    .addOption(
      new Option('--template <job>', 'the job to start from')
        .choices(Object.keys(projectTemplates))
        .default('opportunities'),
    )
    .action(async (folder: string | undefined, _options, command: Command) => {
      const { initCommand } = await import('../init.ts');
      const isChosen = command.getOptionValueSource('template') !== 'default';
      finish(await initCommand(terminal, folder, { ...command.optsWithGlobals(), isChosen }));
    });
}
