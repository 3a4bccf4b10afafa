import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMistake } from '../../../src/job/mistake.ts';
import { scanTemplate, templateSource, type Token } from '../../../src/warehouse/template/scan-template.ts';
import type { Dialect } from '../../../src/warehouse/warehouse.ts';

const dialects: readonly Dialect[] = ['vertica', 'postgres', 'mysql', 'duckdb'];

function tokensOf(text: string, dialect: Dialect = 'postgres'): readonly Token[] {
  const { tokens, mistakes } = scanTemplate(templateSource('sql/x/customers.sql', text), dialect);
  expect(mistakes.map(formatMistake)).toEqual([]);
  return tokens;
}

function parametersOf(text: string, dialect: Dialect = 'postgres'): string[] {
  const parameters = tokensOf(text, dialect).filter(({ kind }) => kind === 'value' || kind === 'identifier');
  return parameters.map(({ start, end }) => text.slice(start, end));
}

function mistakesOf(text: string, dialect: Dialect = 'postgres'): string[] {
  const { mistakes } = scanTemplate(templateSource('sql/x/customers.sql', text), dialect);
  return mistakes.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('scanTemplate', () => {
  it('tells values, identifiers, casts and escaped colons apart', () => {
    const text = String.raw`select :a, :b::date, :schema:.t, :c:::text, x::int, y[1:2], z[\:d], :as_of from :t:`;
    expect(parametersOf(text)).toEqual([':a', ':b', ':schema:', ':c:', ':as_of', ':t:']);
    expect(tokensOf(text).filter(({ kind }) => kind === 'colon')).toHaveLength(1);
  });

  it.each<[Dialect, string]>([
    ['postgres', `select ':a it''s :a', ":a "" :a", E'\\':a', $$ :a ' $$, $q$ :a $$ $q$, :b -- :a'`],
    ['postgres', `select 1 /* :a /* :a */ ' :a */ where x ? 'k' and :b`],
    ['postgres', `select '\\', :b, name$a$, ':a'`],
    ['duckdb', `select ':a', $$:a$$, :b /* :a */`],
    ['vertica', `select e'\\':a', "x:a", $$:a$$, :b`],
    ['mysql', `select 'it\\':a', "\\":a", \`:a\`\`:a\`, :b # :a`],
    ['mysql', `select 5--:b`],
    ['mysql', `select 1 -- :a\n, :b /* /* :a */`],
  ])('leaves quotes and comments of %s alone in %s', (dialect, text) => {
    expect(parametersOf(text, dialect)).toEqual([':b']);
  });

  it.each<[Dialect, string, string]>([
    ['postgres', `select 1,\n  'open`, '2:3 this quote is not closed'],
    ['postgres', `select "open`, '1:8 this quote is not closed'],
    ['postgres', `select $x$ $$`, '1:8 this quote is not closed'],
    ['postgres', `select 1 /* /* */`, '1:10 this comment is not closed'],
    ['mysql', 'select `open', '1:8 this quote is not closed'],
    ['mysql', `select 'open\\'`, '1:8 this quote is not closed'],
    ['postgres', 'select 1; select 2', '1:9 a template holds one statement; another follows here'],
    ['postgres', '-- nothing\n ; ', '1:1 the file holds no statement'],
    ['postgres', '', '1:1 the file holds no statement'],
    ['postgres', 'select $1', '1:8 $1 is not how parameters are written'],
    ['mysql', 'select ?', '1:8 ? is not how parameters are written'],
  ])('places a mistake in %s: %j', (dialect, text, told) => {
    expect(mistakesOf(text, dialect)).toEqual([told]);
  });

  it('allows one semicolon and comments at the end', () => {
    expect(mistakesOf('select 1; -- done\n/* really */')).toEqual([]);
  });

  it('covers any text with stretches that follow each other', () => {
    const fragment = fc.constantFrom(
      "'",
      '"',
      '`',
      '$$',
      '$a$',
      '--',
      '#',
      '/*',
      '*/',
      ':a',
      ':b:',
      '::',
      '\\',
      '?',
      ';',
      '\n',
      'E',
    );
    const text = fc.array(fc.oneof(fragment, fc.string({ maxLength: 3 }))).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.constantFrom(...dialects), (sql, dialect) => {
        const { tokens } = scanTemplate(templateSource('x.sql', sql), dialect);
        expect(tokens.map(({ start, end }) => sql.slice(start, end)).join('')).toBe(sql);
        expect(tokens.every(({ start, end }) => end > start)).toBe(true);
      }),
    );
  });

  it('finds nothing inside any text that is quoted by the rules of the engine', () => {
    const quoted = fc.tuple(fc.string(), fc.constantFrom(...dialects)).map(([text, dialect]) => {
      const backslashes = dialect === 'mysql' ? text.replaceAll('\\', '\\\\') : text;
      return { dialect, literal: `'${backslashes.replaceAll("'", "''")}'` };
    });
    fc.assert(
      fc.property(quoted, ({ dialect, literal }) => {
        const sql = `select ${literal} as x, :b`;
        expect(parametersOf(sql, dialect)).toEqual([':b']);
        const literals = tokensOf(sql, dialect).filter(({ kind }) => kind === 'quote');
        expect(literals.map(({ start, end }) => sql.slice(start, end))).toEqual([literal]);
      }),
    );
  });
});
