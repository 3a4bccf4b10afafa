import { SegtagError } from '../errors.ts';
import type { Frame } from '../frame/frame.ts';
import type { Connection } from '../job/connections-schema.ts';
import type { ColumnType } from '../job/schema.ts';

export type Dialect = 'vertica' | 'postgres' | 'mysql' | 'duckdb';

/** The dialect that a connection's warehouse speaks. Throws E_CONNECTION_CONFIG for SQLite, which is staging only. */
export function dialectOf(name: string, client: Connection['client']): Dialect {
  if (client !== 'sqlite') return client;
  throw new SegtagError('E_CONNECTION_CONFIG', {
    where: `connection ${name}`,
    what: 'SQLite keeps the CRM staging tables; it is not read as a warehouse.',
    remedy: 'Use client: duckdb, postgres, mysql or vertica for the source.',
  });
}

/** A template with its parameters taken out: `?` marks each binding, `\?` a question mark of the SQL itself. */
export type Statement = {
  /** The template's path relative to the project folder; line n of `sql` is line n of that file. */
  readonly file: string;
  readonly sql: string;
  readonly bindings: readonly Binding[];
  /** Where stretches of `sql` stand in the file, in ascending order; absent when all of it stands as it is. */
  readonly origins?: readonly Origin[];
};

/** From `offset` on, `sql` is what the file has from this line and column (both from 1) on. */
export type Origin = { readonly offset: number; readonly line: number; readonly column: number };

export type Binding = string | number | boolean | { readonly date: string };

export type ReadOptions = {
  /** This column is read as ids: exact text, whatever its SQL type. */
  readonly idColumn?: string;
  /** Types asked of columns; a column not listed gets the kind that its SQL type suggests. */
  readonly columns?: Readonly<Record<string, ColumnType>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Called with the rows read so far, at most a few times a second. */
  readonly onProgress?: (rows: number) => void;
};

/**
 * One read-only session, for one read at a time. All its reads see one snapshot of the source. A failed
 * read rejects with a SegtagError that names the connection, or the SQL file and line where the engine
 * says, and an aborted one with the signal's reason; after either the session is only good for closing.
 */
export type Warehouse = {
  readonly dialect: Dialect;
  /** Connection name, engine and host or file, for messages; never a secret. */
  readonly place: string;
  read(statement: Statement, options: ReadOptions): Promise<Frame>;
  close(): Promise<void>;
};

/** What a session tells the server about itself: it appears in the server's own lists of sessions and queries. */
export type SessionTag = { readonly job: string; readonly runId: string };
