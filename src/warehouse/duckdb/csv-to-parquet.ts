import { DuckDBInstance } from '@duckdb/node-api';
import { duckdbOptions } from './files.ts';

/** Writes a CSV file with a header as Parquet; an empty field is a null, a quoted empty one an empty text. */
export async function csvToParquet(
  csv: string,
  parquet: string,
  columns: Readonly<Record<string, 'VARCHAR' | 'DATE' | 'TINYINT'>>,
): Promise<void> {
  const types = Object.entries(columns).map(([name, type]) => `${quoted(name)}: ${quoted(type)}`);
  const source = `read_csv(${quoted(csv)}, header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
    allow_quoted_nulls = false, columns = {${types.join(', ')}})`;
  const instance = await DuckDBInstance.create(':memory:', duckdbOptions);
  const connection = await instance.connect();
  try {
    await connection.run(`COPY (SELECT * FROM ${source}) TO ${quoted(parquet)} (FORMAT parquet)`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
