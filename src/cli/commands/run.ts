import { type Command, Option } from 'commander';
import type { RunOptions } from '../run.ts';
import type { Group } from './group.ts';
import { positiveInteger, setParameter } from './options.ts';

/** `plan` and `run`. */
export function addRunCommands({ program, terminal, finish }: Group): void {
  for (const mode of ['plan', 'publish'] as const) {
    const command = program
      .command(mode === 'plan' ? 'plan <job>' : 'run [job]')
      .description(
        mode === 'plan'
          ? 'compute a night and keep it for a decision, without writing tags'
          : 'compute a night and publish what changed',
      )
      .option('--as-of <date>', 'the date of the night (default: today in the time zone of the job)')
      .addOption(setParameter())
      .option('--show-ids', 'show customer ids')
      .option('--allow-older', 'publish an older date than the published one')
      .option('--hold-ok', 'exit 0 also when a guard holds the run')
      .option('--threads <count>', 'threads of the fit; the result does not depend on it', positiveInteger)
      .addOption(
        new Option('--trigger <trigger>').choices(['manual', 'schedule', 'catch_up']).default('manual').hideHelp(),
      )
      .addOption(new Option('--slot <instant>').hideHelp())
      .action(async (job: string | undefined, _options, command: Command) => {
        const options = command.optsWithGlobals<RunOptions & { due?: boolean; explainCompute?: boolean }>();
        if (options.due) {
          const { runDueCommand } = await import('../schedule.ts');
          finish(await runDueCommand(job, options));
          return;
        }
        if (job === undefined) command.error('error: name a job, or give --due to run whatever is due');
        if (options.explainCompute) {
          const { explainComputeCommand } = await import('../explain-compute.ts');
          finish(await explainComputeCommand(terminal, job, options));
          return;
        }
        const { runCommand } = await import('../run.ts');
        finish(await runCommand(terminal, job, mode, options));
      });
    if (mode === 'publish') command.option('--due', 'run what the schedules say is due, and end');
    else {
      command
        .option('--explain-compute', 'compute nothing; say what a night costs in memory and in the warehouse')
        .option('--detailed-exitcode', 'exit 10 when there is something to publish, 0 when nothing changed');
    }
  }
}
