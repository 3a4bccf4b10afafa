import type { DuckDBConnection } from '@duckdb/node-api';

/** Vertica's functions that DuckDB lacks or spells otherwise. Temporary macros, so that no database file changes. */
const macros = [
  'nvl(a, b) AS coalesce(a, b)',
  'nvl2(a, b, c) AS CASE WHEN a IS NOT NULL THEN b ELSE c END',
  'zeroifnull(a) AS coalesce(a, 0)',
  'nullifzero(a) AS nullif(a, 0)',
  'getdate() AS current_localtimestamp()',
  'approximate_count_distinct(a) AS approx_count_distinct(a)',
  'datediff(part, a, b) AS date_diff(part, CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP))',
  'timestampdiff(part, a, b) AS date_diff(part, CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP))',
  `add_months(d, n) AS CASE
     WHEN last_day(CAST(d AS DATE)) = CAST(d AS DATE) THEN last_day(CAST(d AS DATE) + to_months(n))
     ELSE CAST(CAST(d AS DATE) + to_months(n) AS DATE) END`,
  "version() AS 'Vertica Analytic Database v0.0.0-0, a stand-in for tests'",
];

/** Makes the functions known to one connection. */
export async function defineMacros(connection: DuckDBConnection): Promise<void> {
  for (const macro of macros) await connection.run(`CREATE TEMP MACRO ${macro}`);
}
