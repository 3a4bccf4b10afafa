import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { withSubcommands, wordsOf } from '../../src/cli/help/words.ts';
import { errorTable } from '../../src/errors.ts';
import { jsonSchemas } from '../../src/job/json-schema.ts';
import { isRecord } from '../../src/job/plain-value.ts';
import type { JsonSchema } from '../../src/job/schema-outline.ts';
import { mistakeIn, programForTests, shellWords } from '../support/command-lines.ts';
import { blocksOf, codeIn, pages } from './pages.ts';

const program = programForTests();
const commands = withSubcommands(program).slice(1);

/** Options in prose that are those of other programs. */
const foreignOptions = ['--collector.textfile.directory'];

describe('the docs', () => {
  it('show commands that exist, with options and arguments that they take', () => {
    const written = pages.flatMap((page) => [
      ...blocksOf(page)
        .filter(({ language }) => language === 'sh')
        .flatMap(({ text }) => text.split('\n').map((line) => ({ path: page.path, line, complete: true }))),
      ...codeIn(page).map((line) => ({ path: page.path, line: line.replaceAll(/[[\]]/g, ''), complete: false })),
    ]);
    const called = written.filter(({ line }) => /^(npx )?segtag [a-z-]/.test(line) && !line.startsWith('segtag job='));
    expect(called.length).toBeGreaterThan(120);
    const mistakes = called.map(({ path, line, complete }) => {
      const words = shellWords(line.replace(/^npx /, '')).slice(1);
      const mistake = mistakeIn(program, words, { complete });
      return mistake && `${path}: ${line}: ${mistake}`;
    });
    expect(mistakes.filter((mistake) => mistake !== null)).toEqual([]);
  });

  it('speak of options that some command has', () => {
    const known = new Set([program, ...commands].flatMap(({ options }) => options.map(({ long }) => long)));
    const spoken = pages.flatMap((page) => codeIn(page).flatMap((code) => code.match(/^--[a-z][\w.-]*/) ?? []));
    const strange = spoken.filter((option) => ![...known, '--help', ...foreignOptions].includes(option));
    expect(strange).toEqual([]);
  });

  it('speak of error codes that exist', () => {
    const spoken = pages.flatMap(({ path, text }) => (text.match(/\bE_[A-Z_]+\b/g) ?? []).map((code) => [path, code]));
    expect(spoken.filter(([, code = '']) => !(code in errorTable) && code !== 'E_BUG')).toEqual([]);
  });

  it('show settings that a job or connections file may have', () => {
    const schemas = everywhereIn(Object.values(jsonSchemas()).map((text) => JSON.parse(text) as JsonSchema));
    const blocks = pages.flatMap(blocksOf).filter(({ language }) => language === 'yaml');
    expect(blocks.length).toBeGreaterThan(20);
    const strange = blocks.filter(({ text }) => !schemas.some((schema) => fits(schema, parse(text))));
    expect(strange).toEqual([]);
  });
});

describe('README.md', () => {
  const readme = readFileSync('README.md', 'utf8');

  it('names every command', () => {
    const rows = (readme.match(/^\| `segtag .*$/gm) ?? []).join('\n');
    const missing = commands
      .filter((command) => command.commands.length === 0)
      .filter((command) => !rows.includes(command.name()));
    expect(missing.map(wordsOf)).toEqual([]);
  });

  it('and docs/cli.md explain exit codes in the same words', () => {
    const rowsIn = (text: string): string[] =>
      [...text.matchAll(/^\| (\d+) +\| (.*?) *\|$/gm)].map(([, exit, meaning]) => `${exit} ${meaning}`);
    const [, chapter = ''] = readme.split('## Exit codes');
    const ofReadme = rowsIn(chapter);
    expect(ofReadme.length).toBeGreaterThan(8);
    expect(rowsIn(readFileSync('docs/cli.md', 'utf8'))).toEqual(expect.arrayContaining(ofReadme));
  });
});

/** Every map that the files may hold, wherever it stands: a block may show a part of a file. */
function everywhereIn(schemas: readonly JsonSchema[]): JsonSchema[] {
  return schemas.flatMap((schema) => [schema, ...everywhereIn(partsOf(schema))]);
}

function partsOf({ properties = {}, additionalProperties, items, anyOf = [], oneOf = [] }: JsonSchema): JsonSchema[] {
  const named = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  return [...Object.values(properties), ...named, ...[items ?? []].flat(), ...anyOf, ...oneOf];
}

/** Whether every key of a value may stand there; what is missing is no mistake in a part. */
function fits(schema: JsonSchema, value: unknown): boolean {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return alternatives.some((each) => fits(each, value));
  if (Array.isArray(value)) return value.every((item) => [schema.items ?? []].flat().some((each) => fits(each, item)));
  if (!isRecord(value)) return !('const' in schema) || schema.const === value;
  return Object.entries(value).every(([key, inner]) => {
    const below = schema.properties?.[key] ?? schema.additionalProperties;
    return typeof below === 'object' && fits(below, inner);
  });
}
