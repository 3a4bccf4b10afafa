import { Option, type Command } from 'commander';
import type { Group } from './group.ts';
import { crmConnection, positiveInteger, wholeNumber } from './options.ts';

/** `changes`, `ack` and `export`: what consumers take. */
export function addFeedCommands({ program, terminal, finish }: Group): void {
  program
    .command('changes')
    .description('read the change feed')
    .option('--since <change_seq>', 'changes after this number (default: from the start)', wholeNumber)
    .option('--consumer <name>', 'changes after what this consumer has acknowledged')
    .option('--job <job>', 'only of this job')
    .option('-n, --limit <count>', 'how many at most', positiveInteger, 1000)
    .option('--show-ids', 'show customer ids')
    .addOption(crmConnection())
    .action(async (_options, command: Command) => {
      const { changesCommand } = await import('../feed.ts');
      finish(await changesCommand(terminal, command.optsWithGlobals()));
    });
  program
    .command('ack <consumer> <change_seq>')
    .description('record that a consumer has taken every change up to this number')
    .addOption(crmConnection())
    .action(async (consumer: string, changeSeq: string, _options, command: Command) => {
      const { ackCommand } = await import('../feed.ts');
      finish(await ackCommand(terminal, consumer, wholeNumber(changeSeq), command.optsWithGlobals()));
    });
  program
    .command('export <job>')
    .description('write the published tags of active customers, with their ids')
    .addOption(new Option('--format <format>', 'of the file').choices(['csv', 'parquet']).default('csv'))
    .option('--out <file>', 'the file, written aside and renamed (default: stdout, CSV only)')
    .action(async (job: string, _options, command: Command) => {
      const { exportTagsCommand } = await import('../export-tags.ts');
      finish(await exportTagsCommand(terminal, job, command.optsWithGlobals()));
    });
}
