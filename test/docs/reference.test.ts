import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/cli/help/exit-codes.ts';
import { argumentMeanings, guides } from '../../src/cli/help/guides.ts';
import { referenceText } from '../../src/cli/help/reference.ts';
import { references } from '../../src/cli/reference.ts';
import { withSubcommands, wordsOf } from '../../src/cli/help/words.ts';
import { errorTable } from '../../src/errors.ts';
import { mistakeIn, programForTests, shellWords } from '../support/command-lines.ts';

const program = programForTests();
const commands = withSubcommands(program).slice(1);

describe('references', () => {
  it.each(Object.entries(references(program)))('are what %s holds; if not, run "npm run docs"', (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('give every key a meaning', () => {
    const rows = references(program)['docs/keys.md']!.match(/^\| `.*$/gm) ?? [];
    expect(rows.length).toBeGreaterThan(150);
    expect(rows.filter((row) => /^\| \S+ +\|\s+(\||: )/.test(row))).toEqual([]);
  });

  it('have a chapter for every command', () => {
    const chapters = referenceText(program).match(/(?<=^### segtag ).*$/gm);
    const called = commands.filter((command) => command.commands.length === 0).map(wordsOf);
    expect(chapters?.toSorted()).toEqual(called.toSorted());
  });
});

describe('the guides of commands', () => {
  it('are there for every command, and for no other', () => {
    expect(Object.keys(guides).toSorted()).toEqual(commands.map(wordsOf).toSorted());
  });

  it('have examples that the command takes', () => {
    for (const [words, { examples }] of Object.entries(guides))
      for (const [line] of examples) {
        expect(line.startsWith(`segtag ${words} `) || line === `segtag ${words}`, line).toBe(true);
        expect(mistakeIn(program, shellWords(line).slice(1), { complete: true }), line).toBeNull();
      }
    const called = commands.filter((command) => command.commands.length === 0);
    expect(called.filter((command) => guides[wordsOf(command)]?.examples.length === 0)).toEqual([]);
  });

  it('say what every argument is', () => {
    const names = commands.flatMap(({ registeredArguments }) => registeredArguments.map((argument) => argument.name()));
    expect(Object.keys(argumentMeanings).toSorted()).toEqual([...new Set(names)].toSorted());
  });

  it('speak of every exit code that an error leads to, and all of them are explained', () => {
    const ofErrors = Object.values(errorTable).map(({ exit }) => exit);
    const ofGuides = Object.values(guides).flatMap(({ exits = [] }) => exits);
    expect(ofErrors.filter((exit) => exit !== 2 && !ofGuides.includes(exit))).toEqual([]);
    expect([...ofErrors, ...ofGuides].filter((exit) => exitCodes[exit] === undefined)).toEqual([]);
  });
});
