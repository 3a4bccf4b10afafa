import { Argument } from 'commander';
import { shells, type Shell } from '../completion/scripts.ts';
import type { Group } from './group.ts';

/** `completion`: the tab key. */
export function addCompletionCommand({ program, terminal, finish }: Group): void {
  program
    .command('completion')
    .description('print what a shell needs to complete commands, options and the names of jobs')
    .addArgument(new Argument('<shell>').choices(shells))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion/scripts.ts');
      const { completionsOf } = await import('../completion/offers.ts');
      terminal.print(completionScript(shell, completionsOf(program)).trimEnd());
      finish(0);
    });
}
