import { InvalidArgumentError, type Command } from 'commander';
import type { KRange } from '../../pipeline/methods/clustering/settle-k.ts';
import type { Group } from './group.ts';
import { positiveInteger, setParameter } from './options.ts';

/** `tune`: how many clusters? */
export function addTuneCommand({ program, terminal, finish }: Group): void {
  program
    .command('tune <job>')
    .description('weigh numbers of clusters for a job and propose one; writes nothing')
    .option('--k <first..last>', 'the numbers to look at', rangeOfK, { first: 2, last: 8 })
    .option('--as-of <date>', 'the date of the night (default: today in the time zone of the job)')
    .addOption(setParameter())
    .option('--threads <count>', 'threads of the fits; the result does not depend on it', positiveInteger)
    .action(async (job: string, _options, command: Command) => {
      const { tuneCommand } = await import('../tune.ts');
      finish(await tuneCommand(terminal, job, command.optsWithGlobals()));
    });
}

function rangeOfK(text: string): KRange {
  const match = /^(\d{1,3})\.\.(\d{1,3})$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || first < 2 || last < first || last > 100)
    throw new InvalidArgumentError('Write a range such as 2..8, from 2 to 100.');
  return { first, last };
}
