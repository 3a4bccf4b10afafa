import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';

/** The handful of vertica-nodejs 1.1.4 that is used. Nothing but this module may load it, a Knex dialect included. */
type VerticaDriver = {
  readonly Client: new (config: ClientConfig) => DriverClient;
  readonly Query: new (config: { text: string; values: string[]; name?: string }) => DriverQuery;
};

type ClientConfig = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly client_label: string;
  readonly connectionTimeoutMillis: number;
  readonly keepAlive: true;
  readonly keepAliveInitialDelayMillis: number;
  readonly tls_mode: 'disable' | 'require';
  readonly tls_config: ConnectionOptions | undefined;
  readonly backup_server_node: [];
};

export type DriverClient = {
  readonly connection: DriverConnection;
  readonly connectionParameters: { password: string };
  password: string;
  readonly processID: number | null;
  readonly secretKey: number | null;
  connect(): Promise<void>;
  query(query: DriverQuery): void;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): void;
};

type DriverConnection = {
  readonly stream: Duplex;
  attachListeners(stream: StreamEvents): void;
  sync(): void;
};

type StreamEvents = { on(event: string, listener: (...values: unknown[]) => void): unknown };

type DriverQuery = {
  requiresPreparation(): boolean;
  handleRowDescription(message: { fields: readonly DriverField[] }): void;
  handleDataRow(message: { fields: readonly (string | null)[] }): void;
  handleBindComplete(connection: DriverConnection): void;
  handleError(error: Error, connection: DriverConnection, internalError?: boolean): void;
  handleReadyForQuery(connection: DriverConnection): void;
};

/** A column as the server announces it. */
export type DriverField = { readonly name: string; readonly dataTypeID: number; readonly dataTypeModifier: number };

/** An error that the server sent. The driver's other errors carry no SQLSTATE. */
export type ServerError = Error & { readonly code: string; readonly position?: string };

export type RowSink = {
  columns(fields: readonly DriverField[]): void;
  /** The server's own text of each value; the array is not used again. */
  row(values: readonly (string | null)[]): void;
};

export type ClientOptions = {
  readonly address: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly label: string;
  readonly connectTimeoutMs: number;
  /** Absent: without TLS. */
  readonly tls: ConnectionOptions | undefined;
};

/** The driver met a message or a type that it doesn't know; the connection is gone. */
export class DriverFault extends Error {
  override readonly name = 'DriverFault';
}

const verticaDriver = loadDriver();

/**
 * Loading vertica-nodejs replaces parsers in the `pg-types` that it shares with `pg`, after which
 * PostgreSQL's booleans would be text. They are put back at once.
 */
function loadDriver(): VerticaDriver {
  const require = createRequire(import.meta.url);
  const sharedTypes = createRequire(require.resolve('vertica-nodejs'))('pg-types') as {
    getTypeParser(oid: number, format: 'text'): (text: string) => unknown;
    setTypeParser(oid: number, format: 'text', parser: (text: string) => unknown): void;
  };
  const replaced = [5, 6, 7, 16, 17, 20].map((oid) => [oid, sharedTypes.getTypeParser(oid, 'text')] as const);
  const driver = require('vertica-nodejs') as VerticaDriver;
  for (const [oid, parser] of replaced) sharedTypes.setTypeParser(oid, 'text', parser);
  return driver;
}

/** A client that isn't connected yet, for one address; it never tries another. */
export function createClient(options: ClientOptions): DriverClient {
  const client = new verticaDriver.Client({
    host: options.address,
    port: options.port,
    database: options.database,
    user: options.user,
    password: options.password,
    client_label: options.label,
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    // Always said: an absent mode is read from the environment, and `prefer` doesn't work.
    tls_mode: options.tls ? 'require' : 'disable',
    tls_config: options.tls,
    backup_server_node: [],
  });
  // Without a password the driver would take the environment's.
  if (options.password === undefined) client.password = client.connectionParameters.password = '';
  guardListeners(client.connection);
  // Without a listener the error of a dying connection would end the process; queries are told anyway.
  client.on('error', () => {});
  return client;
}

/**
 * The driver parses in a listener of the socket, where a throw would end the process: an unknown
 * message, a type that isn't native, a protocol version out of range, a message that no query waits for.
 * Here such a throw ends the connection instead, and its queries reject.
 */
function guardListeners(connection: DriverConnection): void {
  const attach = connection.attachListeners.bind(connection);
  connection.attachListeners = (stream) => {
    const socket = stream as Duplex;
    attach({
      on: (event, listener) =>
        socket.on(event, (...values: unknown[]) => {
          try {
            listener(...values);
          } catch (error) {
            socket.destroy(new DriverFault('the driver could not read a message', { cause: error }));
          }
        }),
    });
  };
}

/**
 * Runs one statement and hands its rows over as they arrive, so that only what `sink` keeps is in memory.
 * When `sink` throws, `onSinkFailure` is called once, the rest of the rows is passed over, and the
 * promise rejects with what was thrown as soon as the server has finished.
 */
export function runQuery(
  client: DriverClient,
  statement: { readonly sql: string; readonly values: readonly string[] },
  sink: RowSink,
  onSinkFailure: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown): void => (error === undefined ? resolve() : reject(error));
    client.query(new StreamedQuery(statement, { sink, onSinkFailure, settle }));
  });
}

type Receiver = {
  readonly sink: RowSink;
  readonly onSinkFailure: () => void;
  readonly settle: (error?: unknown) => void;
};

class StreamedQuery extends verticaDriver.Query {
  readonly #receiver: Receiver;
  #syncSent = false;
  #described = false;
  #failed = false;
  #failure: unknown;

  constructor({ sql, values }: { readonly sql: string; readonly values: readonly string[] }, receiver: Receiver) {
    // The server keeps every statement that is prepared: equal SQL shares one name, and is prepared once.
    const name = `segtag_${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`;
    super({ text: sql, values: [...values], ...(values.length > 0 ? { name } : {}) });
    this.#receiver = receiver;
  }

  override handleRowDescription({ fields }: { fields: readonly DriverField[] }): void {
    this.#feed(() => {
      if (this.#described) throw new DriverFault('the SQL holds more than one statement');
      this.#described = true;
      this.#receiver.sink.columns(fields);
    });
  }

  /** Past the driver's own parsers, whose integers are lossy beyond 2^53: values stay the server's text. */
  override handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    this.#feed(() => this.#receiver.sink.row(fields));
  }

  override handleBindComplete(connection: DriverConnection): void {
    this.#syncSent = true;
    super.handleBindComplete(connection);
  }

  /**
   * The driver sends a Sync after every error of a prepared statement, also when one is already on its
   * way since BindComplete. The second answer would be taken for that of the next query.
   */
  override handleError(error: Error, connection: DriverConnection, internalError = false): void {
    if (this.requiresPreparation() && !this.#syncSent && !internalError) connection.sync();
    this.#receiver.settle(this.#failed ? this.#failure : error);
  }

  override handleReadyForQuery(): void {
    this.#receiver.settle(this.#failed ? this.#failure : undefined);
  }

  #feed(give: () => void): void {
    if (this.#failed) return;
    try {
      give();
    } catch (error) {
      this.#failed = true;
      this.#failure = error;
      this.#receiver.onSinkFailure();
    }
  }
}
