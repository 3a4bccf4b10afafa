import type { Frame } from '../frame/frame.ts';
import type { ColumnType } from '../job/schema.ts';

export type Dialect = 'vertica' | 'postgres' | 'mysql' | 'duckdb';

/** A template with its parameters taken out: `?` marks each binding, `\?` a question mark of the SQL itself. */
export type Statement = {
  /** The template's path relative to the project folder; line n of `sql` is line n of that file. */
  readonly file: string;
  readonly sql: string;
  readonly bindings: readonly Binding[];
};

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
 * One read-only session. All its reads see one snapshot of the source. A failed read rejects
 * with a SegtagError that names the connection, and the SQL file and line where the engine says.
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
