import type { Argument, Command, Option } from 'commander';
import { withSubcommands, wordsOf } from '../help/words.ts';

/** What may follow a command. */
export type Offers = {
  /** The words of the command; empty for the program. */
  readonly words: string;
  /** Commands below it, or what its argument may be. */
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly { readonly flag: string; readonly about: string }[];
  /** Whether the name of a job may come next. */
  readonly takesJob: boolean;
};

/** An option with a value, and what the value may be; files where it is nothing in particular. */
type ValueOption = { readonly flags: readonly string[]; readonly choices: readonly string[] };

export type Completions = { readonly offers: readonly Offers[]; readonly valueOptions: readonly ValueOption[] };

/** All that a shell needs to complete a command line. */
export function completionsOf(program: Command): Completions {
  const commands = withSubcommands(program);
  const options = commands.flatMap(({ options }) => options).filter(({ required, hidden }) => required && !hidden);
  return {
    offers: commands.map((command) => offersOf(command, program)),
    valueOptions: [...new Map(options.map((option) => [option.long, valueOption(option)])).values()],
  };
}

function offersOf(command: Command, program: Command): Offers {
  const help = command.createHelp();
  const everywhere = command === program ? [] : program.options.filter(({ long }) => long !== '--version');
  return {
    words: wordsOf(command),
    commands: [
      ...help.visibleCommands(command).map((each) => ({ name: each.name(), about: each.description() })),
      ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
        argChoices.map((name) => ({ name, about: description })),
      ),
    ],
    options: [...help.visibleOptions(command), ...everywhere].flatMap(({ long, description }) =>
      long ? [{ flag: long, about: description }] : [],
    ),
    takesJob: command.registeredArguments.some(isJob),
  };
}

function isJob(argument: Argument): boolean {
  return ['job', 'jobs', 'job-or-run'].includes(argument.name());
}

function valueOption({ short, long, argChoices }: Option): ValueOption {
  return { flags: [short, long].filter((flag) => flag !== undefined), choices: argChoices ?? [] };
}
