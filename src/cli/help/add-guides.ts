import type { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { argumentMeanings, guides, type Guide } from './guides.ts';
import { withSubcommands, wordsOf } from './words.ts';

/** Gives every command of a program its group, its examples, its exit codes and what its arguments mean. */
export function addGuides(program: Command): void {
  program.configureHelp({ showGlobalOptions: true });
  program.addHelpText(
    'after',
    '\nsegtag COMMAND --help says more, with examples. Exit codes and every command: docs/cli.md',
  );
  for (const command of withSubcommands(program).slice(1)) {
    for (const argument of command.registeredArguments)
      argument.description ||= argumentMeanings[argument.name()] ?? '';
    command.configureHelp({ showGlobalOptions: true });
    const guide = guides[wordsOf(command)];
    if (guide === undefined) continue;
    if (command.parent === program) command.helpGroup(guide.group);
    if (guide.examples.length > 0) command.addHelpText('after', `\n${guideText(guide)}`);
  }
}

/** Exit codes that a command may end with, in ascending order. */
export function exitsOf({ exits = [] }: Guide): number[] {
  return [0, 1, 2, ...exits];
}

function guideText(guide: Guide): string {
  const examples = guide.examples.flatMap(([line, meaning]) => [`  ${line}`, `      ${meaning}`]);
  const exits = exitsOf(guide).filter((exit) => exit !== 1);
  const codes = exits.map((exit) => `  ${String(exit).padStart(3)}  ${exitCodes[exit]}`);
  return ['Examples:', ...examples, '', 'Exit codes:', ...codes].join('\n');
}
