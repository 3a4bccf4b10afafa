import * as fc from 'fast-check';
import knex from 'knex';
import { describe, expect, it } from 'vitest';
import { SegtagError } from '../../../src/errors.ts';
import { bindTemplate, type BindOptions } from '../../../src/warehouse/template/bind-template.ts';
import { compileStatement } from '../../../src/warehouse/template/compile-statement.ts';
import type { Dialect, Statement } from '../../../src/warehouse/warehouse.ts';

const comment = '/* segtag job=orders run=orders-1 */ ';
const dialects: readonly Dialect[] = ['vertica', 'postgres', 'mysql', 'duckdb'];

function bind(text: string, options: Partial<BindOptions> = {}): Statement {
  return bindTemplate({
    file: 'sql/orders/customers.sql',
    text,
    params: {},
    identifiers: {},
    builtin: { as_of: '2026-06-30', run_id: 'orders-1' },
    dialect: 'postgres',
    label: 'orders',
    ...options,
  });
}

function failureOf(action: () => unknown): SegtagError {
  try {
    action();
  } catch (error) {
    if (error instanceof SegtagError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('bindTemplate', () => {
  it('takes values out, spreads lists, quotes identifiers and keeps the lines', () => {
    const statement = bind(
      'select id\nfrom :schema:.deals -- :nothing?\nwhere product in (:products)\n  and day <= :as_of and value > :least;\n',
      {
        params: { products: ['Edge "Router"', 'Switch'], least: 0.5 },
        identifiers: { schema: 'crm.sales' },
      },
    );
    expect(statement.sql).toBe(
      `${comment}select id\nfrom "crm"."sales".deals -- :nothing\\?\nwhere product in (?, ?)\n  and day <= ? and value > ? \n`,
    );
    expect(statement.bindings).toEqual(['Edge "Router"', 'Switch', { date: '2026-06-30' }, 0.5]);
  });

  it('quotes identifiers as MySQL does for MySQL', () => {
    const statement = bind('select * from :schema:.deals', { dialect: 'mysql', identifiers: { schema: 'sales' } });
    expect(statement.sql).toBe(`${comment}select * from \`sales\`.deals`);
  });

  it.each([
    ['select :windw', '1:8  :windw is not among source.params', 'did you mean :window?'],
    ['select 1,\n :schema', '2:2  schema is an identifier, not a value', 'write :schema:'],
    ['select :window:', '1:8  window is a value, not an identifier', 'write :window'],
    ['select :shema:', '1:8  :shema: is not among source.identifiers', 'did you mean :schema:?'],
    ['select :none', '1:8  :none is an empty list, which matches nothing', 'give at least one value'],
    ['select :bad:', '1:8  source.identifiers.bad is not a plain name', 'use letters, digits and _'],
    ['select :zzzzzzz', '1:8  :zzzzzzz is not among source.params', 'a colon that starts no parameter is written \\:'],
    ["select 'open", '1:8  this quote is not closed', "add '"],
  ])('names file, line and column of %j', (text, place, suggestion) => {
    const options = { params: { window: 800, none: [] }, identifiers: { schema: 'x', bad: 'a"; drop table b' } };
    const failure = failureOf(() => bind(text, options));
    expect(failure.code).toBe('E_SQL_TEMPLATE');
    expect(failure.message).toContain(`sql/orders/customers.sql:${place}`);
    expect(failure.message).toContain(suggestion);
  });

  it('tells all mistakes of a template at once', () => {
    expect(failureOf(() => bind('select :a, :b, :c')).message).toContain(
      '3 errors in 1 SQL template. Nothing was run.',
    );
  });

  it.each([
    ['select a from t', "select /*+ LABEL('segtag_orders') */ a from t"],
    ['-- select\nSELECT a', "-- select\nSELECT /*+ LABEL('segtag_orders') */ a"],
    [
      'with x as (select 1), y as (select 2) select * from x, y',
      "with x as (select 1), y as (select 2) select /*+ LABEL('segtag_orders') */ * from x, y",
    ],
    [
      "with x as (select ':a (' as b) select :a",
      "with x as (select ':a (' as b) select /*+ LABEL('segtag_orders') */ ?",
    ],
    ['select /*+ SYN_JOIN */ a', 'select /*+ SYN_JOIN */ a'],
    ['(select 1) union (select 2)', '(select 1) union (select 2)'],
    ['table t', 'table t'],
  ])('labels the main query for Vertica: %j', (text, expected) => {
    const statement = bind(text, { dialect: 'vertica', params: { a: 1 } });
    expect(statement.sql).toBe(comment + expected);
  });

  it('labels nothing for other engines', () => {
    expect(bind('select 1', { dialect: 'duckdb' }).sql).toBe(`${comment}select 1`);
  });

  it('keeps a name or run id from ending the comment', () => {
    const builtin = { as_of: '2026-06-30', run_id: '*/ drop table t; ?' };
    expect(bind('select 1', { builtin }).sql).toBe('/* segtag job=orders run=___drop_table_t___ */ select 1');
  });

  it('gives the same text whatever the value, and the value back unchanged', () => {
    const values = fc.record({ text: fc.string(), list: fc.array(fc.string(), { minLength: 1, maxLength: 1 }) });
    const template = 'select \':text\', :text, "?", x from t where a in (:list) -- ? :list';
    fc.assert(
      fc.property(values, fc.constantFrom(...dialects), ({ text, list }, dialect) => {
        const compiled = compileStatement(bind(template, { params: { text, list }, dialect }), dialect);
        const harmless = compileStatement(bind(template, { params: { text: 'a', list: ['b'] }, dialect }), dialect);
        expect(compiled.sql).toBe(harmless.sql);
        expect(compiled.values).toEqual([text, ...list]);
      }),
    );
  });
});

describe('compileStatement', () => {
  const template = String.raw`select regexp_replace(url, '\?.*', '?'), :a, '\\?' from t where :b = 1`;

  it.each<[Dialect, string, string]>([
    ['postgres', '$1', '$2'],
    ['duckdb', '$1', '$2'],
    ['mysql', '?', '?'],
    ['vertica', '?', '?'],
  ])('writes bindings for %s and gives question marks of the SQL back as they were', (dialect, first, second) => {
    const compiled = compileStatement(bind(template, { dialect, params: { a: 'x', b: true } }), dialect);
    const label = dialect === 'vertica' ? " /*+ LABEL('segtag_orders') */" : '';
    const expected = template.replace('select', `select${label}`).replace(':a', first).replace(':b', second);
    expect(compiled.sql).toBe(comment + expected);
    expect(compiled.values).toEqual(['x', true]);
  });

  it('writes a date as text', () => {
    expect(compileStatement(bind('select :as_of'), 'postgres').values).toEqual(['2026-06-30']);
  });

  it('agrees with Knex for PostgreSQL wherever Knex can say it', () => {
    const client = knex({ client: 'pg' });
    const fragment = fc.constantFrom(':a', '(:b)', '?', '??', "'?'", '"?"', '::text', ' -- ?\n', '/*?*/', 'x', ' ');
    fc.assert(
      fc.property(fc.array(fragment), (parts) => {
        const statement = bind(`select ${parts.join(' ')}`, { params: { a: 'one', b: ['two', 'three'] } });
        const native = client
          .raw(statement.sql, statement.bindings as string[])
          .toSQL()
          .toNative();
        const compiled = compileStatement(statement, 'postgres');
        expect({ sql: compiled.sql, values: compiled.values }).toEqual({ sql: native.sql, values: native.bindings });
      }),
    );
  });
});
