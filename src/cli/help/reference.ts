import type { Argument, Command, Option } from 'commander';
import { exitsOf } from './add-guides.ts';
import { exitCodes } from './exit-codes.ts';
import { guides } from './guides.ts';
import { prose, sentence, tableOf } from './markdown.ts';
import { withSubcommands, wordsOf } from './words.ts';

/** Every command with its usage, arguments, options, defaults, examples and exit codes, as Markdown. */
export function referenceText(program: Command): string {
  const commands = withSubcommands(program).slice(1);
  const called = commands.filter((command) => command.commands.length === 0);
  const chapters = groupsOf(program).map((group) => {
    const inGroup = called.filter((command) => groupOf(command) === group);
    return [`## ${group.replace(/:$/, '')}`, ...inGroup.map(chapterOf)].join('\n\n');
  });
  return `${[introduction(program), ...chapters].join('\n\n')}\n`;
}

function introduction(program: Command): string {
  return [
    '# The command line',
    'Written by `npm run docs` from the program itself, which says the same with `--help`.',
    'stdout carries the result only: tables, or with `--json` one object with `schemaVersion`. stderr carries the talk: a progress line on a terminal, plain lines in a pipe. Nothing asks a question without a terminal. A failure says its code ([errors.md](errors.md)), where, what, and what to type next.',
    '## Everywhere',
    tableOf(['option', 'meaning', 'default'], program.createHelp().visibleOptions(program).map(optionRow)),
    'Commands, options and the names of jobs complete with the tab key once the shell knows how: `segtag completion bash`, `zsh` or `fish`.',
    '## Exit codes',
    tableOf(
      ['exit', 'when'],
      Object.entries(exitCodes).map(([code, meaning]) => [code, meaning]),
    ),
  ].join('\n\n');
}

function chapterOf(command: Command): string {
  const words = wordsOf(command);
  const guide = guides[words];
  const help = command.createHelp();
  const parts = [
    `### segtag ${words}`,
    sentence(command.description()),
    ['```', help.commandUsage(command), '```'].join('\n'),
    tableOf(['argument', 'meaning'], command.registeredArguments.map(argumentRow)),
    tableOf(
      ['option', 'meaning', 'default'],
      help
        .visibleOptions(command)
        .filter(({ long }) => long !== '--help')
        .map(optionRow),
    ),
    guide ? examplesOf(guide.examples) : '',
    guide ? `Exit codes: ${exitsOf(guide).join(', ')}.` : '',
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function examplesOf(examples: readonly (readonly [string, string])[]): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  return ['```sh', ...examples.map(([line, meaning]) => `${line.padEnd(width)}   # ${meaning}`), '```'].join('\n');
}

function groupsOf(program: Command): string[] {
  return [...new Set(program.commands.map(groupOf))].filter((group) => group !== '');
}

function groupOf(command: Command): string {
  return guides[wordsOf(command)]?.group ?? '';
}

function argumentRow(argument: Argument): string[] {
  const name = argument.variadic ? `${argument.name()}…` : argument.name();
  return [`\`${name}\``, prose(argument.description)];
}

function optionRow({ flags, description, argChoices, defaultValue, defaultValueDescription }: Option): string[] {
  const choices = argChoices ? `: ${argChoices.map((choice) => `\`${choice}\``).join(', ')}` : '';
  const byDefault = defaultValueDescription ?? (defaultValue === undefined ? '' : `\`${String(defaultValue)}\``);
  return [`\`${flags}\``, `${prose(description)}${choices}`, byDefault];
}
