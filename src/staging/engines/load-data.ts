import { Readable } from 'node:stream';
import type { Connection, ResultSetHeader } from 'mysql2';
import { columnsOf, type BulkLoad, type Part } from './rows.ts';
import { tabSeparated } from './tab-separated.ts';

/** ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, which stands for whatever is wrong with a row. */
const rowRefused = 1366;

/** Not allowed, or unknown to a proxy in between: of MySQL, MariaDB and their kin. */
const notAllowed = new Set([1148, 1235, 3948, 4166]);

/**
 * Loads rows by LOAD DATA LOCAL. False, with no row taken, where the server doesn't allow that.
 * The server goes on after a row that it can't take, as if told to ignore errors, so what it
 * changed or left out is looked for afterwards and is an error here.
 */
export async function loadData(connection: Connection, load: BulkLoad): Promise<boolean> {
  let count = 0;
  let started = false;
  function* counted(): Generator<Part> {
    for (const part of load.parts) {
      count += part.shared.length;
      yield part;
    }
  }
  const sql = `load data local infile 'rows' into table ${load.table} character set utf8mb4
    fields terminated by '\\t' escaped by '\\\\' lines terminated by '\\n' (${columnsOf(load).join(', ')})`;
  const infileStreamFactory = (): Readable => {
    started = true;
    return Readable.from(tabSeparated(counted()));
  };
  let loaded: ResultSetHeader;
  try {
    loaded = await answerTo<ResultSetHeader>(connection, { sql, infileStreamFactory });
  } catch (error) {
    if (!started && error instanceof Error && 'errno' in error && notAllowed.has(Number(error.errno))) return false;
    throw error;
  }
  if (loaded.warningStatus > 0 || loaded.affectedRows !== count) throw await refusal(connection, loaded, count);
  return true;
}

type Warning = { readonly Message: string };

async function refusal(connection: Connection, loaded: ResultSetHeader, count: number): Promise<Error> {
  const [warning] = await answerTo<Warning[]>(connection, { sql: 'show warnings limit 1' });
  if (!warning)
    return new Error(`${loaded.affectedRows} of ${count} rows were loaded, and the server does not say why`);
  return Object.assign(new Error(warning.Message), { errno: rowRefused });
}

type Question = { readonly sql: string; readonly infileStreamFactory?: () => Readable };

function answerTo<Answer>(connection: Connection, question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    connection.query(question, (error, answer) => (error ? reject(error) : resolve(answer as Answer)));
  });
}
