import type { Command } from 'commander';

/** The words that call a command, without the program's own: `schedule run`; empty for the program. */
export function wordsOf(command: Command): string {
  const above = command.parent ? wordsOf(command.parent) : undefined;
  if (above === undefined) return '';
  return above === '' ? command.name() : `${above} ${command.name()}`;
}

/** A command and every command below it that help shows, each before those that it holds. */
export function withSubcommands(command: Command): Command[] {
  const shown = command.createHelp().visibleCommands(command);
  return [command, ...shown.filter((each) => each.name() !== 'help').flatMap(withSubcommands)];
}
