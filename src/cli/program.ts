import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { addConnectionCommands, addDoctorCommand } from './commands/connections.ts';
import { addDashboardCommand } from './commands/dashboard.ts';
import { addDecisionCommands } from './commands/decisions.ts';
import { addExplainCommands } from './commands/explain.ts';
import { addFeedCommands } from './commands/feed.ts';
import { addFileCommands } from './commands/files.ts';
import { addInitCommand } from './commands/init.ts';
import { addModelCommands } from './commands/model.ts';
import { addReportCommand } from './commands/report.ts';
import { addRunCommands } from './commands/run.ts';
import { addStoreCommands } from './commands/runs.ts';
import { addScheduleCommands } from './commands/schedule.ts';
import { addTuneCommand } from './commands/tune.ts';
import { addUndoCommands } from './commands/undo.ts';
import { addWatchCommands } from './commands/watch.ts';
import type { Group } from './commands/group.ts';
import { reportFailure } from './failure.ts';
import type { GlobalOptions } from './project.ts';
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
    if (!(error instanceof CommanderError)) return await reportFailure(terminal, error, options);
    if (error.exitCode === 0) return 0;
    const usage = { what: error.message.replace(/^error: /, ''), remedy: 'See segtag --help.' };
    if (options.json)
      terminal.print(JSON.stringify({ schemaVersion: 1, error: { code: 'E_USAGE', exit: 2, ...usage } }));
    return 2;
  }
}

function buildProgram(terminal: Terminal, finish: Group['finish']): Command {
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
  addInitCommand(group);
  addRunCommands(group);
  addDecisionCommands(group);
  addUndoCommands(group);
  addStoreCommands(group);
  addExplainCommands(group);
  addReportCommand(group);
  addDashboardCommand(group);
  addWatchCommands(group);
  addFeedCommands(group);
  addTuneCommand(group);
  addModelCommands(group);
  addFileCommands(group);
  addConnectionCommands(group);
  addDoctorCommand(group);
  addScheduleCommands(group);
  return program;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : '';
}
