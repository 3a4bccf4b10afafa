import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { reportFailure } from './failure.ts';
import type { GlobalOptions } from './project.ts';
import type { RunOptions } from './run.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** Runs one command line and returns the exit code. Commands are loaded when they are called. */
export async function main(argv: readonly string[]): Promise<number> {
  const terminal = openTerminal();
  let exitCode = 0;
  const program = buildProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    const options = program.opts<Partial<GlobalOptions>>();
    if (!(error instanceof CommanderError)) return reportFailure(terminal, error, options);
    if (error.exitCode === 0) return 0;
    const usage = { what: error.message.replace(/^error: /, ''), remedy: 'See segtag --help.' };
    if (options.json)
      terminal.print(JSON.stringify({ schemaVersion: 1, error: { code: 'E_USAGE', exit: 2, ...usage } }));
    return 2;
  }
}

type Finish = (exitCode: number) => void;
type Group = { readonly program: Command; readonly terminal: Terminal; readonly finish: Finish };

function buildProgram(terminal: Terminal, finish: Finish): Command {
  const program = new Command('segtag')
    .description('Segments customers from the warehouse and publishes what changed to a CRM staging table.')
    .version(version(), '--version')
    .option('-C, --directory <folder>', 'project folder with jobs/, sql/ and config/', '.')
    .option('-t, --target <name>', 'target of config/connections.yaml (default: the one named there)')
    .option('--json', 'print the result as one JSON object')
    .addOption(new Option('--log-format <format>', 'what goes to stderr').choices(['human', 'json']).default('human'))
    .exitOverride()
    .showHelpAfterError()
    .showSuggestionAfterError();
  const group = { program, terminal, finish };
  addRunCommands(group);
  addDecisionCommands(group);
  addStoreCommands(group);
  addFeedCommands(group);
  addFileCommands(group);
  addConnectionCommands(group);
  addDoctorCommand(group);
  addScheduleCommands(group);
  return program;
}

function addRunCommands({ program, terminal, finish }: Group): void {
  for (const mode of ['plan', 'publish'] as const) {
    const command = program
      .command(mode === 'plan' ? 'plan <job>' : 'run [job]')
      .description(
        mode === 'plan'
          ? 'compute a night and keep it for a decision, without writing tags'
          : 'compute a night and publish what changed',
      )
      .option('--as-of <date>', 'the date of the night (default: today in the time zone of the job)')
      .option('--set <name=value>', 'set a parameter of the job, repeatable', collect, [])
      .option('--show-ids', 'show customer ids')
      .option('--allow-older', 'publish an older date than the published one')
      .option('--hold-ok', 'exit 0 also when a guard holds the run')
      .option('--threads <count>', 'threads of the fit; the result does not depend on it', positiveInteger)
      .addOption(
        new Option('--trigger <trigger>').choices(['manual', 'schedule', 'catch_up']).default('manual').hideHelp(),
      )
      .addOption(new Option('--slot <instant>').hideHelp())
      .action(async (job: string | undefined, _options, command: Command) => {
        const options = command.optsWithGlobals<RunOptions & { due?: boolean }>();
        if (options.due) {
          const { runDueCommand } = await import('./schedule.ts');
          finish(await runDueCommand(job, options));
          return;
        }
        if (job === undefined) command.error('error: name a job, or give --due to run whatever is due');
        const { runCommand } = await import('./run.ts');
        finish(await runCommand(terminal, job, mode, options));
      });
    if (mode === 'publish') command.option('--due', 'run what the schedules say is due, and end');
  }
}

function addDecisionCommands({ program, terminal, finish }: Group): void {
  program
    .command('approve <run>')
    .description('publish exactly what a planned or held run computed')
    .option('--allow-older', 'publish an older date than the published one')
    .addOption(crmConnection())
    .action(async (run: string, _options, command: Command) => {
      const { approveCommand } = await import('./decisions.ts');
      finish(await approveCommand(terminal, run, command.optsWithGlobals()));
    });
  program
    .command('reject <run>')
    .description('close a planned or held run without publishing it')
    .addOption(crmConnection())
    .action(async (run: string, _options, command: Command) => {
      const { rejectCommand } = await import('./decisions.ts');
      finish(await rejectCommand(terminal, run, command.optsWithGlobals()));
    });
}

function addStoreCommands({ program, terminal, finish }: Group): void {
  program
    .command('runs [job]')
    .description('list the newest runs')
    .option('-n, --limit <count>', 'how many', positiveInteger, 20)
    .addOption(crmConnection())
    .action(async (job: string | undefined, _options, command: Command) => {
      const { runsCommand } = await import('./runs.ts');
      finish(await runsCommand(terminal, job, command.optsWithGlobals()));
    });
  program
    .command('show <run>')
    .description('show what a run found and did')
    .option('--show-ids', 'show customer ids')
    .addOption(crmConnection())
    .action(async (run: string, _options, command: Command) => {
      const { showCommand } = await import('./runs.ts');
      finish(await showCommand(terminal, run, command.optsWithGlobals()));
    });
  program
    .command('migrate')
    .description('create or upgrade the staging tables')
    .action(async (_options, command: Command) => {
      const { migrateCommand } = await import('./migrate.ts');
      finish(await migrateCommand(terminal, command.optsWithGlobals()));
    });
}

function addFeedCommands({ program, terminal, finish }: Group): void {
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
      const { changesCommand } = await import('./feed.ts');
      finish(await changesCommand(terminal, command.optsWithGlobals()));
    });
  program
    .command('ack <consumer> <change_seq>')
    .description('record that a consumer has taken every change up to this number')
    .addOption(crmConnection())
    .action(async (consumer: string, changeSeq: string, _options, command: Command) => {
      const { ackCommand } = await import('./feed.ts');
      finish(await ackCommand(terminal, consumer, wholeNumber(changeSeq), command.optsWithGlobals()));
    });
}

function addFileCommands({ program, terminal, finish }: Group): void {
  program
    .command('validate [jobs...]')
    .description('check job files, connections and SQL templates, offline')
    .action(async (jobs: string[], _options, command: Command) => {
      const { validateCommand } = await import('./project-files.ts');
      finish(validateCommand(terminal, jobs, command.optsWithGlobals<GlobalOptions>()));
    });
  program
    .command('render <job>')
    .description('print the SQL of a job with its parameters')
    .option('--as-of <date>', 'the date of the night')
    .option('--set <name=value>', 'set a parameter of the job, repeatable', collect, [])
    .action(async (job: string, _options, command: Command) => {
      const { renderCommand } = await import('./project-files.ts');
      finish(renderCommand(terminal, job, command.optsWithGlobals()));
    });
  program
    .command('schema')
    .description("print the job file's JSON Schema for the editor")
    .option('--write', 'write the schemas under config/schema')
    .action(async (_options, command: Command) => {
      const { schemaCommand } = await import('./project-files.ts');
      finish(schemaCommand(terminal, command.optsWithGlobals()));
    });
}

function addConnectionCommands({ program, terminal, finish }: Group): void {
  const connections = program.command('connections').description('look at and try the connections of a target');
  connections
    .command('list')
    .description('show every value and where it comes from; secrets as ***')
    .action(async (_options, command: Command) => {
      const { listConnectionsCommand } = await import('./connections.ts');
      finish(listConnectionsCommand(terminal, command.optsWithGlobals()));
    });
  connections
    .command('test <name>')
    .description('look at a connection step by step, and say what to do about each failure')
    .action(async (name: string, _options, command: Command) => {
      const { testConnectionCommand } = await import('./doctor.ts');
      finish(await testConnectionCommand(terminal, name, command.optsWithGlobals()));
    });
}

function addDoctorCommand({ program, terminal, finish }: Group): void {
  program
    .command('doctor')
    .description('look at this machine, the project and every connection of the target, and say what to do')
    .action(async (_options, command: Command) => {
      const { doctorCommand } = await import('./doctor.ts');
      finish(await doctorCommand(terminal, command.optsWithGlobals()));
    });
}

function addScheduleCommands({ program, terminal, finish }: Group): void {
  const schedule = program.command('schedule').description('run jobs at their times');
  schedule
    .command('list')
    .description('list the jobs that have a schedule, with their next times')
    .action(async (_options, command: Command) => {
      const { scheduleListCommand } = await import('./schedule.ts');
      finish(scheduleListCommand(terminal, command.optsWithGlobals()));
    });
  schedule
    .command('preview <job>')
    .description('list the next times of a job, and which of them clocks move or skip')
    .option('--nights <count>', 'how many days ahead', positiveInteger, 14)
    .option('--from <date>', 'the day to start from (default: now)')
    .action(async (job: string, _options, command: Command) => {
      const { schedulePreviewCommand } = await import('./schedule.ts');
      finish(schedulePreviewCommand(terminal, job, command.optsWithGlobals()));
    });
  schedule
    .command('run')
    .description('start the jobs that have a schedule, until SIGTERM')
    .action(async (_options, command: Command) => {
      const { scheduleRunCommand } = await import('./schedule.ts');
      finish(await scheduleRunCommand(command.optsWithGlobals()));
    });
}

function crmConnection(): Option {
  return new Option('--connection <name>', 'the CRM connection of the target').default('crm');
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : '';
}
