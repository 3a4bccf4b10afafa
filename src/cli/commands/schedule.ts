import type { Command } from 'commander';
import type { Group } from './group.ts';
import { positiveInteger } from './options.ts';

/** `schedule list`, `preview`, `run`, and the files for other schedulers. */
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
  addUnitCommands(schedule, { terminal, finish });
  schedule
    .command('run')
    .description('start the jobs that have a schedule, until SIGTERM')
    .action(async (_options, command: Command) => {
      const { scheduleRunCommand } = await import('../schedule.ts');
      finish(await scheduleRunCommand(command.optsWithGlobals()));
    });
}

function addUnitCommands(schedule: Command, { terminal, finish }: Pick<Group, 'terminal' | 'finish'>): void {
  const described = {
    systemd: 'print a service and a timer for each job that has a schedule',
    cron: 'print crontab lines for each job that has a schedule',
    k8s: 'print a Kubernetes CronJob for each job that has a schedule',
  } as const;
  for (const kind of ['systemd', 'cron', 'k8s'] as const) {
    const command = schedule
      .command(`${kind} [job]`)
      .description(described[kind])
      .action(async (job: string | undefined, _options, command: Command) => {
        const { scheduleUnitsCommand } = await import('../schedule-units.ts');
        finish(scheduleUnitsCommand(terminal, kind, job, command.optsWithGlobals()));
      });
    if (kind === 'k8s')
      command
        .option('--image <image>', 'the container image that holds segtag', 'segtag:latest')
        .option('--project <folder>', 'the project folder inside the container', '/project');
  }
}
