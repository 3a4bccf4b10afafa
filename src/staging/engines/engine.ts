import type { Socket } from 'node:net';
import type { Knex } from 'knex';
import type { ErrorCode } from '../../errors.ts';
import type { BulkLoad, Value } from './rows.ts';

export type Row = Readonly<Record<string, unknown>>;

/** What a driver's error means; `column` where the engine names the one that a row was refused for. */
export type Failure = { readonly code: ErrorCode; readonly column?: string };

/** SQL types with a binary collation, so that keys compare bytewise on every engine. */
export type ColumnTypes = {
  /** Text of at most `length` characters. */
  text(column: string, length: number): string;
  readonly longText: string;
  /** JSON that comes back as the bytes that went in. */
  readonly json: string;
  /** Whether the JSON type refuses other text by itself. */
  readonly checksJson: boolean;
  date(column: string): string;
  /** UTC, milliseconds. */
  readonly timestamp: string;
  readonly bigint: string;
};

/** Statements that engines spell differently. Bindings: the table, those of the SET clause (`update` only), run id, job. */
type JoinStatements = {
  readonly update: string;
  readonly remove: string;
};

/** How long a lock of another process is waited for, and a statement that neither ends nor says anything. */
export type Patience = { readonly lockWaitMs: number; readonly silenceMs: number };

/** Wraps an expression so that it compares bytewise. */
type Bytewise = { ours(expression: string): string; theirs(expression: string): string };

/** Expressions of what a row says: who it is of, its other texts, and what isn't text. */
export type RowValues = { readonly id: string; readonly texts: readonly string[]; readonly others: readonly string[] };

/** What one database engine does in its own way. Everything else is shared. */
export type Engine = {
  readonly dialect: 'sqlite' | 'postgres' | 'mysql';
  /** Engine, user, host and database or file; never a secret. */
  readonly place: string;
  readonly settings: Knex.Config;
  /** Appended to a SELECT that must lock its row. */
  readonly forUpdate: string;
  /** SQL for the server's clock at this statement, in whole milliseconds since 1970. */
  readonly nowMs: string;
  /** An INSERT of one row that does nothing when its key is taken; it affects 1 row or none. */
  insertIfAbsent(table: string, columns: string, values: string): string;
  columnTypes(db: Knex): Promise<ColumnTypes>;
  /** Options of CREATE TABLE. */
  tableOptions(table: Knex.CreateTableBuilder): void;
  joinStatements(setClause: string, candidateId: string): JoinStatements;
  /** Statement before the joins of a publish, for its transaction only. */
  readonly beforeJoins: string | undefined;
  /** The same before few rows are looked up one by one in a large table. */
  readonly beforeLookups: string | undefined;
  /** Whether a transaction keeps every other writer out and, written synchronously, this process's timers too. */
  readonly writesAlone: boolean;
  /** Runs `work` while no other process migrates. `work` gets the connection that must do it. */
  underMigrationLock<T>(knex: Knex, work: (db: Knex) => Promise<T>): Promise<T>;
  run(db: Knex, sql: string, values: readonly Value[]): Promise<{ rows: Row[]; affected: number }>;
  /** Calls `onRow` with each row, in order, without holding the result in memory. */
  stream(db: Knex, sql: string, values: readonly Value[], onRow: (row: readonly unknown[]) => void): Promise<void>;
  bulkInsert(trx: Knex.Transaction, load: BulkLoad): Promise<void>;
  /** The most characters that each limited column of the table takes. */
  lengthLimits(db: Knex, table: string): Promise<Map<string, number>>;
  /**
   * How the table compares customer ids, as SQL of an expression that is compared with its column;
   * undefined where it compares bytes.
   */
  keyComparison(db: Knex, table: string): Promise<((id: string) => string) | undefined>;
  /** Makes text of our own tables compare bytewise with that of a table that may have another collation, and the other way round. */
  bytewise(db: Knex): Promise<Bytewise>;
  /** Whether two expressions say different things; a null differs from every value, and not from a null. */
  differs(left: string, right: string): string;
  /**
   * SQL for 64 bits of a row, whatever the time zone and the language of the session: rows that
   * differ in a value, or in whether there is one, share them by chance only. Undefined where the
   * engine has no function for it.
   */
  rowHash(db: Knex, values: RowValues): Promise<string | undefined>;
  /** JSON as the text that it is. */
  jsonText(expression: string): string;
  /** An ISO instant as the engine takes it. */
  timestamp(iso: string): string;
  /** Undefined for an error that is a bug of ours. */
  classify(error: unknown): Failure | undefined;
  /** The socket of a driver's connection; none where the database is a file. */
  socketOf(connection: unknown): Socket | undefined;
};

/** An open staging database. */
export type Store = { readonly knex: Knex; readonly engine: Engine };

type RawClient = { acquireConnection(): Promise<unknown>; releaseConnection(connection: unknown): Promise<void> };

/** Lends the driver's own connection; inside a transaction it is the transaction's. */
export async function withConnection<Connection, T>(
  db: Knex,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const client = db.client as RawClient;
  const connection = await client.acquireConnection();
  try {
    return await work(connection as Connection);
  } finally {
    await client.releaseConnection(connection);
  }
}

/** The code property of a driver's error, as text. */
export function errorCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOENT',
]);
const lostCodes = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'PROTOCOL_CONNECTION_LOST']);

/** What the network's own errors and Knex's pool mean, on any server. */
export function classifyNetwork(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = errorCodeOf(error);
  if (networkCodes.has(code) || error.name === 'KnexTimeoutError') return { code: 'E_CRM_UNREACHABLE' };
  if (lostCodes.has(code)) return { code: 'E_CRM_LOST' };
  return undefined;
}
