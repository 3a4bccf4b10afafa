import type { Command, Option } from 'commander';
import { commandTree } from '../../src/cli/commands/tree.ts';
import { wordsOf } from '../../src/cli/help/words.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

const nowhere: Terminal = {
  say: () => {},
  live: () => {},
  print: () => {},
  style: (_style, text) => text,
  width: undefined,
};

/** The program with all its commands; nothing is run. */
export function programForTests(): Command {
  return commandTree({ terminal: nowhere, finish: () => {}, version: '0.0.0' });
}

/** Words of the first command as a shell splits them: to a comment, a pipe or a redirection; quotes hold a word together. */
export function shellWords(line: string): string[] {
  const words = line.replace(/\s(#|>|\||&&|;).*$/, '').match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replaceAll(/["']/g, ''));
}

/** What is wrong with words that call the program; null when it would take them. `complete` also asks for its arguments. */
export function mistakeIn(
  program: Command,
  words: readonly string[],
  { complete }: { complete: boolean },
): string | null {
  let command = program;
  const values: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const below = command.commands.find((each) => each.name() === word && values.length === 0);
    if (below) command = below;
    else if (word.startsWith('-')) {
      const [flag = '', value] = word.split('=', 2);
      const option = optionNamed(command, flag);
      if (!option) return `"segtag ${wordsOf(command)}" has no option ${flag}`;
      if (option.required && value === undefined) i++;
    } else if (command.commands.length > 0) return `"segtag ${wordsOf(command)}" has no command ${word}`;
    else values.push(word);
  }
  const { registeredArguments } = command;
  const most = registeredArguments.at(-1)?.variadic ? Number.POSITIVE_INFINITY : registeredArguments.length;
  if (values.length > most) return `"segtag ${wordsOf(command)}" takes ${most} arguments, not ${values.join(' ')}`;
  const least = registeredArguments.filter(({ required }) => required).length;
  return complete && values.length < least ? `"segtag ${wordsOf(command)}" needs ${least} arguments` : null;
}

function optionNamed(command: Command, flag: string): Option | undefined {
  const found = [...command.options, ...command.createHelp().visibleOptions(command)].find(
    ({ short, long }) => flag === short || flag === long,
  );
  return found ?? (command.parent ? optionNamed(command.parent, flag) : undefined);
}
