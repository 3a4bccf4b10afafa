import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';

/** The handful of vertica-nodejs 1.1.4 that is used. */
export type VerticaDriver = {
  readonly Client: new (config: ClientConfig) => DriverClient;
  readonly Query: QueryClass;
};

type ClientConfig = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly oauth_access_token: string | undefined;
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

export type DriverConnection = {
  readonly stream: Duplex;
  attachListeners(stream: StreamEvents): void;
};

type StreamEvents = { on(event: string, listener: (...values: unknown[]) => void): unknown };

/** What may be bound to a question mark. */
export type QueryValue = string | number | boolean | Date | null;

export type QueryConfig = {
  readonly text: string;
  readonly values: readonly QueryValue[];
  readonly rowMode: 'array';
  readonly name?: string;
};

export type QueryClass = new (config: QueryConfig) => DriverQuery;

/** One statement under way. Its handlers are called as the server's messages arrive. */
type DriverQuery = {
  handleRowDescription(message: { fields: readonly DriverField[] }): void;
  handleDataRow(message: DataRow): void;
  handleBindComplete(connection: DriverConnection): void;
  handleError(error: unknown, connection: DriverConnection, internalError?: boolean): void;
  handleReadyForQuery(connection: DriverConnection): void;
  handleCopyInResponse(connection: DriverConnection): void;
  handleVerifyFiles(message: unknown, connection: DriverConnection): void;
  handleLoadFile(message: unknown, connection: DriverConnection): void;
  handleWriteFile(message: unknown, connection: DriverConnection): void;
  on(event: string, listener: (value: never) => void): DriverQuery;
  emit(event: string, value?: unknown): boolean;
};

export type DataRow = { readonly fields: readonly (string | null)[] };

/** A column as the server announces it. */
export type DriverField = { readonly name: string; readonly dataTypeID: number; readonly dataTypeModifier: number };

/** An error that the server sent. The driver's other errors carry no SQLSTATE. */
export type ServerError = Error & { readonly code: string; readonly position?: string };

/** The driver met a message or a type that it doesn't know, or one that it must not act on; the connection is gone. */
export class DriverFault extends Error {
  override readonly name = 'DriverFault';
}
