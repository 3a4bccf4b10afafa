import { DuckDBTypeId, type DuckDBConnection, type DuckDBPreparedStatement, type DuckDBResult } from '@duckdb/node-api';
import { identitySequence, translate, type Translated } from './dialect.ts';
import { readSetting, readTransactionMode, type Settings } from './settings.ts';
import { verticaType, type Spelling, type VerticaColumn } from './types.ts';
import { asWireError, canceled, WireError } from './wire-error.ts';

/** A statement that is ready to run, with what a Describe answers. */
export type Prepared = {
  readonly translated: Translated;
  readonly statement: DuckDBPreparedStatement | undefined;
  readonly parameterOids: readonly number[];
  /** Absent where the statement returns no rows. */
  readonly columns: readonly VerticaColumn[] | undefined;
};

export type RowSink = {
  describe(columns: readonly VerticaColumn[]): void;
  row(values: readonly (string | null)[]): void;
  /** Resolves when the client has taken what was written so far, more or less. */
  drained(): Promise<void>;
};

const outputColumn: VerticaColumn = { name: 'OUTPUT', oid: 6, size: 8, modifier: -1 };

/** One session's DuckDB connection with Vertica's rules about transactions, settings and time limits. */
export class Executor {
  readonly #connection: DuckDBConnection;
  readonly #deniedRelations: readonly string[];
  readonly settings: Settings = {
    autocommit: false,
    isolation: 'READ COMMITTED',
    readOnly: false,
    runtimeCapMs: 0,
    searchPath: [],
  };
  /** What the client sees; DuckDB's own transaction may be absent, as under READ COMMITTED. */
  inTransaction = false;
  #explicit = false;
  #sessionModes: Pick<Settings, 'isolation' | 'readOnly'> | undefined;
  #duckTransaction: 'none' | 'reads' | 'writes' = 'none';
  #stop: WireError | undefined;
  #running = false;
  #abandoned = false;
  #interrupting: NodeJS.Timeout | undefined;
  #setClosed = (): void => {};
  readonly closed = new Promise<void>((resolve) => (this.#setClosed = resolve));

  constructor(connection: DuckDBConnection, deniedRelations: readonly string[]) {
    this.#connection = connection;
    this.#deniedRelations = deniedRelations;
  }

  async prepare(sql: string): Promise<Prepared> {
    const translated = translate(sql);
    const none = { translated, statement: undefined, parameterOids: [], columns: undefined };
    if (!['read', 'write', 'ddl'].includes(translated.kind)) return none;
    try {
      this.#checkGrants(translated.sql);
      if (translated.sql.includes(`nextval('${identitySequence}')`))
        await this.#connection.run(`CREATE SEQUENCE IF NOT EXISTS ${identitySequence}`);
      const statement = await this.#prepareTyped(translated);
      const parameterOids = Array.from({ length: statement.parameterCount }, (_, i) =>
        parameterOid(statement.parameterTypeId(i + 1)),
      );
      return { translated, statement, parameterOids, columns: columnsOf(translated, statement) };
    } catch (error) {
      throw asWireError(error, translated.sql);
    }
  }

  async run(prepared: Prepared, values: readonly (string | null)[], sink: RowSink): Promise<void> {
    const { translated, statement } = prepared;
    if (this.#abandoned) throw new WireError('08006', 'The client is gone');
    const limit = this.settings.runtimeCapMs;
    const cap = new WireError('57014', `Execution time exceeded run time cap of ${limit / 1000} s`);
    const timer = limit > 0 ? setTimeout(() => this.stop(cap), limit) : undefined;
    this.#stop = undefined;
    this.#running = true;
    try {
      if (statement) await this.#execute(prepared, statement, values, sink);
      else await this.#control(translated);
    } catch (error) {
      const cause = this.#stop ?? asWireError(error, translated.sql);
      this.#ended(timer);
      await this.#mend();
      throw cause;
    } finally {
      this.#ended(timer);
    }
  }

  /** From here on nothing may interrupt: it would hit the next statement. */
  #ended(timer: NodeJS.Timeout | undefined): void {
    this.#running = false;
    clearTimeout(timer);
    clearInterval(this.#interrupting);
  }

  /** Stops the running statement; when none runs it does nothing, as a late CancelRequest does. */
  stop(error: WireError = canceled()): void {
    if (!this.#running || this.#stop) return;
    this.#stop = error;
    // An interrupt that comes before DuckDB has begun is forgotten.
    this.#interrupting = setInterval(() => this.#connection.interrupt(), 10);
    this.#connection.interrupt();
  }

  /** Stops what runs and what is still to come, for a client that is gone. */
  abandon(): void {
    this.#abandoned = true;
    this.stop();
  }

  /** To be called when no statement runs any more. */
  close(): void {
    this.#connection.closeSync();
    this.#setClosed();
  }

  #checkGrants(sql: string): void {
    const denied = this.#connection.getTableNames(sql, false).find((name) => this.#deniedRelations.includes(name));
    if (denied !== undefined) throw new WireError('42501', `Permission denied for relation ${denied}`);
  }

  /** A question mark whose type nothing tells is text. */
  async #prepareTyped({ sql, placeholders }: Translated): Promise<DuckDBPreparedStatement> {
    const statement = await this.#connection.prepare(sql);
    const untyped = placeholders.filter((_, i) => statement.parameterTypeId(i + 1) === DuckDBTypeId.INVALID);
    if (untyped.length === 0) return statement;
    let typed = sql;
    for (const at of untyped.toReversed()) typed = `${typed.slice(0, at)}CAST(? AS VARCHAR)${typed.slice(at + 1)}`;
    return this.#connection.prepare(typed);
  }

  async #execute(
    prepared: Prepared,
    statement: DuckDBPreparedStatement,
    values: readonly (string | null)[],
    sink: RowSink,
  ): Promise<void> {
    await this.#enter(prepared.translated);
    bind(statement, values);
    const result = await statement.stream();
    if (prepared.translated.kind === 'read') {
      await this.#sendRows(result, sink);
      // An error in mid-stream looks like the end of the rows; running the statement again tells it.
      if (!result.isStreaming) await statement.run();
    }
    if (prepared.translated.kind === 'write') await sendCount(result, sink);
    else if (prepared.translated.kind !== 'read') await result.fetchChunk();
    if (prepared.translated.kind === 'write' && this.#duckTransaction === 'reads') this.#duckTransaction = 'writes';
  }

  /** Opens what the statement needs: DDL ends the transaction, SERIALIZABLE and writes open one in DuckDB. */
  async #enter({ kind }: Translated): Promise<void> {
    const { autocommit, isolation, readOnly } = this.settings;
    if (kind !== 'read') this.mustWrite();
    if (kind === 'ddl') return this.#end('COMMIT');
    if (autocommit && !this.#explicit) return;
    this.inTransaction = true;
    if (this.#duckTransaction !== 'none' || (kind === 'read' && isolation !== 'SERIALIZABLE')) return;
    await this.#connection.run(kind === 'read' && readOnly ? 'BEGIN TRANSACTION READ ONLY' : 'BEGIN TRANSACTION');
    this.#duckTransaction = 'reads';
  }

  /** Throws where the transaction may only read. */
  mustWrite(): void {
    if (this.settings.readOnly) throw new WireError('25006', 'Command cannot be executed in a read-only transaction');
  }

  async #sendRows(result: DuckDBResult, sink: RowSink): Promise<void> {
    const types = result.columnTypes().map((type) => verticaType(type));
    sink.describe(types.map((type, i) => ({ ...type, name: result.columnName(i) })));
    const spellings: Spelling[] = types.map(({ spell }) => spell);
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      const vectors = spellings.map((_, column) => chunk?.getColumnVector(column));
      for (let row = 0; row < chunk.rowCount; row++)
        sink.row(
          spellings.map((spell, column) => {
            const value = vectors[column]?.getItem(row) ?? null;
            return value === null ? null : spell(value);
          }),
        );
      await sink.drained();
      if (this.#stop) throw this.#stop;
    }
  }

  async #control({ kind, words }: Translated): Promise<void> {
    if (kind === 'set') await this.#set(readSetting(words));
    else if (kind === 'commit' || kind === 'rollback') await this.#end(kind === 'commit' ? 'COMMIT' : 'ROLLBACK');
    else if (kind === 'begin') this.#begin(readTransactionMode(words));
  }

  /** The modes that BEGIN names hold until the transaction ends. */
  #begin(modes: Partial<Settings>): void {
    this.inTransaction = this.#explicit = true;
    const { isolation, readOnly } = this.settings;
    this.#sessionModes ??= { isolation, readOnly };
    Object.assign(this.settings, modes);
  }

  async #set(changes: Partial<Settings>): Promise<void> {
    Object.assign(this.settings, changes);
    if (!changes.searchPath) return;
    const path = changes.searchPath.map((schema) => `"${schema.replaceAll('"', '""')}"`).join(',');
    await this.#connection.run(`SET search_path = '${path.replaceAll("'", "''")}'`);
  }

  async #end(how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    const open = this.#duckTransaction !== 'none';
    this.inTransaction = this.#explicit = false;
    this.#duckTransaction = 'none';
    Object.assign(this.settings, this.#sessionModes);
    this.#sessionModes = undefined;
    if (open) await this.#connection.run(how);
  }

  /** In Vertica a failed statement undoes only itself; DuckDB may have given up the transaction, which reads can do without. */
  async #mend(): Promise<void> {
    if (this.#duckTransaction !== 'reads') return;
    try {
      await this.#connection.run('SELECT 1');
    } catch {
      this.#duckTransaction = 'none';
      await this.#connection.run('ROLLBACK');
    }
  }
}

function parameterOid(typeId: DuckDBTypeId): number {
  return verticaType({ typeId } as Parameters<typeof verticaType>[0]).oid;
}

function columnsOf({ kind }: Translated, statement: DuckDBPreparedStatement): VerticaColumn[] | undefined {
  if (kind === 'write') return [outputColumn];
  if (kind !== 'read') return undefined;
  return Array.from({ length: statement.columnCount }, (_, i) => {
    return { ...verticaType(statement.columnType(i)), name: statement.columnName(i) };
  });
}

/** DuckDB casts the text to the type that the statement wants, as Vertica does with parameters in text. */
function bind(statement: DuckDBPreparedStatement, values: readonly (string | null)[]): void {
  if (values.length !== statement.parameterCount)
    throw new WireError('08P01', `${values.length} parameters were sent, ${statement.parameterCount} are needed`);
  for (const [i, value] of values.entries())
    if (value === null) statement.bindNull(i + 1);
    else statement.bindVarchar(i + 1, value);
}

async function sendCount(result: DuckDBResult, sink: RowSink): Promise<void> {
  const chunk = await result.fetchChunk();
  sink.describe([outputColumn]);
  sink.row([String(chunk?.getColumnVector(0).getItem(0) ?? 0)]);
}
