import type { ColumnType } from '../../../src/job/schema.ts';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';

/** Standard SQL of the contract, and what MySQL has for it; where an error's place counts, of the same length. */
const spellings: readonly (readonly [RegExp, string | ((...parts: string[]) => string)])[] = [
  [/\\(?!\?)/g, String.raw`\\`],
  [/\bAS NUMERIC\(/g, 'AS DECIMAL('],
  [/\bAS BIGINT\)/g, 'AS SIGNED)'],
  [/\bAS INTEGER\)/g, 'AS SIGNED )'],
  [/\bAS VARCHAR\((\d+)\)/g, (_all, length = '') => `AS CHAR(${length})   `],
  [/\brow_number\b/g, '`row_number`'],
  [/ - CAST\(\? AS SIGNED \)/g, ' - INTERVAL CAST(? AS SIGNED) DAY'],
  [/CAST\(NULL AS BOOLEAN\)/g, 'NULL'],
  [/INTERVAL '1 day'/g, "TIME '24:00:00'"],
  [/CAST\('[^']*' AS TIMESTAMP WITH TIME ZONE\)/g, '(SELECT MAX(event_time) FROM mysql.general_log)'],
];

/** A warehouse that takes the contract's standard SQL. MySQL's booleans are numbers until the contract says otherwise. */
export function speakingMysql(warehouse: Warehouse): Warehouse {
  return {
    ...warehouse,
    read({ sql, ...statement }, options) {
      const booleans: Record<string, ColumnType> = {
        ...(/AS BOOLEAN\)/.test(sql) ? { x: 'boolean' } : {}),
        ...(/ AS flag\b/.test(sql) ? { flag: 'boolean' } : {}),
      };
      const columns = { ...booleans, ...options.columns };
      return warehouse.read({ ...statement, sql: mysqlSpelling(sql) }, { ...options, columns });
    },
  };
}

/** The contract's SQL as MySQL takes it. */
export function mysqlSpelling(sql: string): string {
  return spellings.reduce((text, [pattern, spelling]) => text.replaceAll(pattern, spelling as string), sql);
}
