import type { Command } from 'commander';
import type { Group } from './group.ts';
import { crmConnection, wholeNumber } from './options.ts';

/** `dashboard`: local pages over the run store. */
export function addDashboardCommand({ program, terminal, finish }: Group): void {
  program
    .command('dashboard')
    .description('serve pages that show every job and run, and take decisions')
    .option('--port <port>', 'where to listen; 0 takes any free port', wholeNumber, 8741)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--public-url <url>', 'how browsers reach it, where that is not its own address')
    .option('--token-file <file>', 'a file with the token that lets people in (default: a new one each time)')
    .option('--read-only', 'show, and decide nothing')
    .addOption(crmConnection())
    .action(async (_options, command: Command) => {
      const { dashboardCommand } = await import('../dashboard.ts');
      finish(await dashboardCommand(terminal, command.optsWithGlobals()));
    });
}
