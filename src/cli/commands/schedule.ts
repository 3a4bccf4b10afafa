import type { Command } from 'commander';
import type { Group } from './group.ts';
import { positiveInteger } from './options.ts';

/** `schedule list`, `preview` and `run`. */
export function addScheduleCommands({ program, terminal, finish }: Group): void {
  const schedule = program.command('schedule').description('run jobs at their times');
  schedule
    .command('list')
    .description('list the jobs that have a schedule, with their next times')
    .action(async (_options, command: Command) => {
      const { scheduleListCommand } = await import('../schedule.ts');
      finish(scheduleListCommand(terminal, command.optsWithGlobals()));
    });
  schedule
    .command('preview <job>')
    .description('list the next times of a job, and which of them clocks move or skip')
    .option('--nights <count>', 'how many days ahead', positiveInteger, 14)
    .option('--from <date>', 'the day to start from (default: now)')
    .action(async (job: string, _options, command: Command) => {
      const { schedulePreviewCommand } = await import('../schedule.ts');
      finish(schedulePreviewCommand(terminal, job, command.optsWithGlobals()));
    });
  schedule
    .command('run')
    .description('start the jobs that have a schedule, until SIGTERM')
    .action(async (_options, command: Command) => {
      const { scheduleRunCommand } = await import('../schedule.ts');
      finish(await scheduleRunCommand(command.optsWithGlobals()));
    });
}
