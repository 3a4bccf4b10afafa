import type { Command } from 'commander';
import type { Group } from './group.ts';
import { crmConnection } from './options.ts';

/** `report`: a night as a page. */
export function addReportCommand({ program, terminal, finish }: Group): void {
  program
    .command('report <run>')
    .description('write the report of a run as one HTML file')
    .option('--out <file>', 'where to (default: reports/<job>/<run>.html in the project)')
    .option('--csv <folder>', 'write every table of the report there as a CSV file too')
    .option('--show-ids', 'name the customers who moved, with the values that moved them')
    .addOption(crmConnection())
    .action(async (run: string, _options, command: Command) => {
      const { reportCommand } = await import('../report.ts');
      finish(await reportCommand(terminal, run, command.optsWithGlobals()));
    });
}
