import { Option, type Command } from 'commander';
import { recommendMethods } from '../../analysis/recommend/methods.ts';
import type { StoreOptions } from '../with-staging.ts';
import type { Group } from './group.ts';
import { crmConnection, positiveInteger, setParameter } from './options.ts';

/** `explain`, `customer` and `recommend`: why a segment has its name, a customer its segment, and what to offer them. */
export function addExplainCommands({ program, terminal, finish }: Group): void {
  program
    .command('explain <job-or-run> [id]')
    .description(
      'say why each segment has its name, and what tells the segments apart; of a customer, as customer does',
    )
    .addOption(crmConnection())
    .action(async (jobOrRun: string, customerId: string | undefined, _options, command: Command) => {
      const { customerCommand, explainCommand } = await import('../explain.ts');
      const options = command.optsWithGlobals<StoreOptions>();
      finish(
        customerId === undefined
          ? await explainCommand(terminal, jobOrRun, options)
          : await customerCommand(terminal, { job: jobOrRun, customerId }, options),
      );
    });
  program
    .command('customer <job> <id>')
    .description('show the tag of a customer, how it came about and what would change it')
    .addOption(crmConnection())
    .action(async (job: string, customerId: string, _options, command: Command) => {
      const { customerCommand } = await import('../explain.ts');
      finish(await customerCommand(terminal, { job, customerId }, command.optsWithGlobals()));
    });
  program
    .command('recommend <job> <id>')
    .description('list what to offer a customer and why, and who buys alike; writes nothing')
    .option('--n <count>', 'products at most', positiveInteger, 10)
    .addOption(
      new Option('--method <method>', 'only what goes with their products, or is typical of their segment').choices(
        recommendMethods,
      ),
    )
    .option('--as-of <date>', 'the date of the purchases (default: that of the published night)')
    .addOption(setParameter())
    .action(async (job: string, customerId: string, _options, command: Command) => {
      const { recommendCommand } = await import('../recommend.ts');
      finish(await recommendCommand(terminal, { job, customerId }, command.optsWithGlobals()));
    });
}
