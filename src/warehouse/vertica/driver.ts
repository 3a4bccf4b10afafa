import { createRequire } from 'node:module';
import type { ConnectionOptions } from 'node:tls';
import type { Cure } from './cures.ts';
import {
  DriverFault,
  type DriverClient,
  type DriverField,
  type QueryClass,
  type QueryValue,
  type VerticaDriver,
} from './driver-shape.ts';

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
  readonly oauthAccessToken: string | undefined;
  readonly label: string;
  readonly connectTimeoutMs: number;
  /** Absent: without TLS. */
  readonly tls: ConnectionOptions | undefined;
};

type Driver = {
  /** A client that isn't connected yet, for one address; it never tries another. */
  createClient(options: ClientOptions): DriverClient;
  /**
   * Runs one statement and hands its rows over as they arrive, so that only what `sink` keeps is in memory.
   * When `sink` throws, `onSinkFailure` is called once, the rest of the rows is passed over, and the
   * promise rejects with what was thrown as soon as the server has finished.
   */
  runQuery(
    client: DriverClient,
    statement: { readonly sql: string; readonly values: readonly QueryValue[] },
    sink: RowSink,
    onSinkFailure: () => void,
  ): Promise<void>;
};

/** Loads vertica-nodejs with cures for its defects. Nothing but this module may load it. */
export function driverWith(cures: readonly Cure[]): Driver {
  const { Client, Query } = cures.reduce(
    (load, cure) => () => cure.load?.(load) ?? load(),
    () => createRequire(import.meta.url)('vertica-nodejs') as VerticaDriver,
  )();
  const CuredQuery = cures.reduce((Base, { query }) => query?.(Base) ?? Base, announcingColumns(Query));
  return {
    createClient(options) {
      const client = withoutEnvironment(() => new Client(configOf(options)));
      // Without a password the driver would take one from a file in the home folder.
      if (options.password === undefined) client.password = client.connectionParameters.password = '';
      for (const cure of cures) cure.client?.(client);
      // Without a listener the error of a dying connection would end the process; queries are told anyway.
      client.on('error', () => {});
      return client;
    },
    runQuery: (client, { sql, values }, sink, onSinkFailure) =>
      new Promise((resolve, reject) => {
        const query = new CuredQuery({ text: sql, values, rowMode: 'array' })
          .on('columns', (fields: readonly DriverField[]) => sink.columns(fields))
          .on('row', (row: readonly (string | null)[]) => sink.row(row))
          .on('refused', onSinkFailure)
          .on('error', reject)
          .on('end', () => resolve());
        client.query(query);
      }),
  };
}

function configOf(options: ClientOptions): ConstructorParameters<VerticaDriver['Client']>[0] {
  return {
    host: options.address,
    port: options.port,
    database: options.database,
    user: options.user,
    password: options.password,
    oauth_access_token: options.oauthAccessToken,
    client_label: options.label,
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    // Always said, because `prefer` doesn't work.
    tls_mode: options.tls ? 'require' : 'disable',
    // The driver writes its socket into it.
    tls_config: options.tls && { ...options.tls },
    backup_server_node: [],
  };
}

/** The driver reads each setting that it isn't given from a V_ variable: those are hidden while it looks. */
function withoutEnvironment<T>(make: () => T): T {
  const hidden = Object.entries(process.env).filter(([name]) => name.startsWith('V_'));
  for (const [name] of hidden) delete process.env[name];
  try {
    return make();
  } finally {
    for (const [name, value] of hidden) process.env[name] = value;
  }
}

function announcingColumns(Query: QueryClass): QueryClass {
  return class extends Query {
    #described = false;

    override handleRowDescription(message: { fields: readonly DriverField[] }): void {
      if (this.#described) throw new DriverFault('the SQL holds more than one statement');
      this.#described = true;
      super.handleRowDescription(message);
      this.emit('columns', message.fields);
    }
  };
}
