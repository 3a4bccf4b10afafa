import { Command, Option } from 'commander';
import { addGuides } from '../help/add-guides.ts';
import { help } from '../help/guides.ts';
import { refuseByCode } from '../help/refuse-by-code.ts';
import { addCompletionCommand } from './completion.ts';
import { addConnectionCommands, addDoctorCommand } from './connections.ts';
import { addDashboardCommand } from './dashboard.ts';
import { addDecisionCommands } from './decisions.ts';
import { addExplainCommands } from './explain.ts';
import { addFeedCommands } from './feed.ts';
import { addFileCommands } from './files.ts';
import type { Group } from './group.ts';
import { addInitCommand } from './init.ts';
import { addModelCommands } from './model.ts';
import { addReportCommand } from './report.ts';
import { addRunCommands } from './run.ts';
import { addStoreCommands } from './runs.ts';
import { addScheduleCommands } from './schedule.ts';
import { addTuneCommand } from './tune.ts';
import { addUndoCommands } from './undo.ts';
import { addWatchCommands } from './watch.ts';

type Outside = Pick<Group, 'terminal' | 'finish'> & { readonly version: string };

/** The program with all its commands. Building it runs nothing; what a command does is loaded when it is called. */
export function commandTree({ terminal, finish, version }: Outside): Command {
  const program = new Command('segtag')
    .description('Segments customers from the warehouse and publishes what changed to a CRM staging table.')
    .version(version, '--version')
    .option('-C, --directory <folder>', 'project folder with jobs/, sql/ and config/', '.')
    .option('-t, --target <name>', 'target of config/connections.yaml (default: the one named there)')
    .option('--json', 'print the result as one JSON object')
    .addOption(new Option('--log-format <format>', 'what goes to stderr').choices(['human', 'json']).default('human'))
    .commandsGroup(help)
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  const group = { program, terminal, finish };
  addInitCommand(group);
  addConnectionCommands(group);
  addDoctorCommand(group);
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
  addScheduleCommands(group);
  addCompletionCommand(group);
  addGuides(program);
  refuseByCode(program);
  return program;
}
