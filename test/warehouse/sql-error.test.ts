import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { positionInFile } from '../../src/warehouse/sql-error.ts';
import { bindTemplate } from '../../src/warehouse/template/bind-template.ts';
import { compileStatement } from '../../src/warehouse/template/compile-statement.ts';
import type { Dialect } from '../../src/warehouse/warehouse.ts';

const text = `WITH recent AS (SELECT * FROM :sales:.deal WHERE product IN (:products) AND note LIKE '%?' AND FIRST > 1)
SELECT :window_days AS days, 'é?' AS mark, SECOND
FROM recent WHERE day <= :as_of AND THIRD = :window_days;`;

function bound(dialect: Dialect) {
  return bindTemplate({
    file: 'sql/opportunities/customers.sql',
    text,
    params: { products: ['Switch', 'Router', 'Edge?'], window_days: 800 },
    identifiers: { sales: 'sales_eu' },
    builtin: { as_of: '2026-06-30', run_id: 'opportunities-20260630T020000Z-abcd' },
    dialect,
    label: 'opportunities',
  });
}

describe('the position of an error', () => {
  it.each(['postgres', 'duckdb', 'vertica', 'mysql'] as const)(
    'on %s is the line and column of the template',
    (dialect) => {
      const statement = bound(dialect);
      const { sql } = compileStatement(statement, dialect);
      for (const word of ['WITH', 'FIRST', 'SELECT :window_days', 'AS days', 'SECOND', 'FROM recent', 'THIRD']) {
        const line = text.split('\n').findIndex((candidate) => candidate.includes(word));
        const column = text.split('\n')[line]!.indexOf(word) + 1;
        const offset = sql.indexOf(
          word.replace(' :window_days', ''),
          word.startsWith('SELECT') ? sql.indexOf('\n') : 0,
        );
        const place = `sql/opportunities/customers.sql:${line + 1}:${column}`;
        expect([word, positionInFile(statement, dialect, offset)]).toEqual([word, place]);
      }
    },
  );

  it('is on the right line wherever it lies', () => {
    const statement = bound('postgres');
    const { sql } = compileStatement(statement, 'postgres');
    fc.assert(
      fc.property(fc.nat(sql.length - 1), (offset) => {
        const line = sql.slice(0, offset).split('\n').length;
        expect(positionInFile(statement, 'postgres', offset)).toMatch(new RegExp(`:${line}:\\d+$`));
      }),
    );
  });

  it('of a statement without origins is that of the statement', () => {
    const statement = { file: 'a.sql', sql: 'SELECT ?, ?,\n  ? AS c, nope', bindings: [1, 2, 3] };
    const { sql } = compileStatement(statement, 'postgres');
    expect(positionInFile(statement, 'postgres', sql.indexOf('nope'))).toBe('a.sql:2:11');
    expect(positionInFile(statement, 'postgres', sql.indexOf('$2') + 1)).toBe('a.sql:1:11');
  });
});
