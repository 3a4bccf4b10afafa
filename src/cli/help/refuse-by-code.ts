import { CommanderError, type Command } from 'commander';
import { SegtagError } from '../../errors.ts';
import { withSubcommands, wordsOf } from './words.ts';

/** Lets every command of a program refuse what it does not understand as E_USAGE, with the help to look at next. */
export function refuseByCode(program: Command): void {
  for (const command of withSubcommands(program))
    command.exitOverride((error) => {
      throw isShown(error) ? error : usageError(command, error);
    });
}

/** Help and version are printed, and end the program in the same way as a mistake does. */
function isShown({ exitCode, code }: CommanderError): boolean {
  return exitCode === 0 || code === 'commander.help';
}

function usageError(command: Command, { code, message }: CommanderError): SegtagError {
  const line = `segtag ${wordsOf(command)}`.trim();
  const [what = '', ...suggestions] = message.replace(/^error: /, '').split('\n');
  return new SegtagError('E_USAGE', {
    where: line,
    what: [`${what.charAt(0).toUpperCase()}${what.slice(1)}${/[.!?]$/.test(what) ? '' : '.'}`, ...suggestions].join(
      ' ',
    ),
    remedy: `${code === 'commander.missingArgument' ? wantedArguments(command) : ''}See ${line} --help.`,
  });
}

function wantedArguments({ registeredArguments }: Command): string {
  const wanted = registeredArguments.filter(({ required }) => required);
  return wanted.map((argument) => `${argument.name().toUpperCase()} is ${argument.description}. `).join('');
}
