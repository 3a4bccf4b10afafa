import type { PassThrough } from 'node:stream';
import createKnex, { type Knex } from 'knex';
import Redshift from 'knex/lib/dialects/redshift/index.js';
import Transaction from 'knex/lib/dialects/redshift/transaction.js';
import type { DriverField, QueryValue } from './driver-shape.ts';
import type { RowSink } from './driver.ts';
import { VerticaColumnCompiler, VerticaQueryCompiler, VerticaSchemaCompiler } from './knex-compilers.ts';
import { openSession, type SessionOptions, type VerticaSession } from './session.ts';
import { settingStatements, type SessionSettings } from './settings.ts';

type Row = Record<string, unknown>;
type Response = { readonly rows: Row[]; readonly fields: readonly DriverField[] };

/** One of Knex's queries on its way. */
type Query = {
  readonly sql: string;
  readonly bindings?: readonly QueryValue[];
  readonly method?: string;
  readonly pluck?: string;
  readonly output?: (this: unknown, response: Response) => unknown;
  response?: Response;
};

type BaseClient = new (config: Knex.Config) => {
  readonly connectionSettings: ConnectionSettings;
  readonly version?: string;
  acquireRawConnection(): Promise<VerticaSession>;
  positionBindings(sql: string): string;
};
type BaseTransaction = new (...parts: unknown[]) => object;

export type ConnectionSettings = SessionOptions & { readonly session: SessionSettings };

const RedshiftClient = Redshift as BaseClient;
const RedshiftTransaction = Transaction as BaseTransaction;

/** Knex over vertica-nodejs with its cures. Numbers are numbers where they're exact, all else is the server's text. */
class VerticaClient extends RedshiftClient {
  declare version?: string;

  /** The sessions bring the driver along. */
  _driver(): object {
    return {};
  }

  override async acquireRawConnection(): Promise<VerticaSession> {
    // Knex hides the password from spreading.
    const { session: settings, ...options } = { ...this.connectionSettings };
    const session = await openSession({ ...options, password: this.connectionSettings.password });
    const patience = setTimeout(() => session.cancel(), options.connectTimeoutMs);
    try {
      for (const statement of settingStatements(settings)) await session.run(statement);
      this.version ??= await versionOf(session);
      return session;
    } catch (error) {
      await session.end();
      throw error;
    } finally {
      clearTimeout(patience);
    }
  }

  destroyRawConnection(session: VerticaSession): Promise<void> {
    return session.end();
  }

  validateConnection(session: VerticaSession): boolean {
    return session.usable;
  }

  /** Placeholders stay question marks; an escaped one is a question mark of the SQL itself. */
  override positionBindings(sql: string): string {
    return sql.replaceAll(String.raw`\?`, '?');
  }

  async _query(session: VerticaSession, query: Query): Promise<Query> {
    const rows: Row[] = [];
    const fields: DriverField[] = [];
    await session.run(
      query.sql,
      query.bindings,
      rowObjects(fields, (row) => rows.push(row)),
    );
    query.response = { rows, fields };
    return query;
  }

  processResponse(
    { response = { rows: [], fields: [] }, method = '', pluck = '', output }: Query,
    runner: unknown,
  ): unknown {
    if (output) return output.call(runner, response);
    switch (method) {
      case 'raw':
        return response;
      case 'first':
        return response.rows[0];
      case 'pluck':
        return response.rows.map((row) => row[pluck]);
      // The server's tag is empty: the count comes as the only row.
      case 'insert':
      case 'update':
      case 'del':
      case 'counter':
        return response.rows[0]?.['OUTPUT'] ?? 0;
      default:
        return response.rows;
    }
  }

  /** Rows are taken from the server no faster than they're read. A stream that is closed early ends its query and the session. */
  async _stream(session: VerticaSession, query: Query, stream: PassThrough): Promise<void> {
    const resume = (): void => session.resume();
    // Its connection goes back to the pool at once, where it must not be used before the query has ended.
    const stop = (): void => {
      session.cancel();
      void session.end();
    };
    stream.on('drain', resume).on('close', stop);
    try {
      await session.run(
        query.sql,
        query.bindings,
        rowObjects([], (row) => {
          if (!stream.destroyed && !stream.write(row)) session.pause();
        }),
      );
      stream.off('close', stop).end();
    } catch (error) {
      stream.off('close', stop).destroy(error as Error);
      throw error;
    } finally {
      // A socket that is left paused would hang the next user of the session.
      resume();
    }
  }

  async cancelQuery(session: VerticaSession): Promise<void> {
    session.cancel();
  }

  transaction(...parts: unknown[]): object {
    return new VerticaTransaction(this, ...parts);
  }

  queryCompiler(...parts: unknown[]): object {
    return new VerticaQueryCompiler(this, ...parts);
  }

  schemaCompiler(...parts: unknown[]): object {
    return new VerticaSchemaCompiler(this, ...parts);
  }

  columnCompiler(...parts: unknown[]): object {
    return new VerticaColumnCompiler(this, ...parts);
  }
}
Object.assign(VerticaClient.prototype, { dialect: 'vertica', driverName: 'vertica-nodejs', canCancelQuery: true });

/** A nested one would seem to be undone and wouldn't be: DDL commits, and savepoints have not been tried on a server. */
class VerticaTransaction extends RedshiftTransaction {
  savepoint(): Promise<never> {
    return Promise.reject(new Error('Vertica gets no transaction inside another: commit the first one before.'));
  }
}

const silent = (): void => {};

/** Knex over the sessions of one database. Its migrations need `disableTransactions`, because DDL commits. */
export function createVerticaKnex(connection: ConnectionSettings, pool: Knex.PoolConfig): Knex {
  return createKnex({
    client: VerticaClient as unknown as typeof Knex.Client,
    connection: connection as object,
    pool,
    // A message of Knex would hold the values that were bound.
    compileSqlOnError: false,
    log: { warn: silent, error: silent, deprecate: silent, debug: silent },
  });
}

/** `24.1.0-0` of `Vertica Analytic Database v24.1.0-0`. */
async function versionOf(session: VerticaSession): Promise<string> {
  let version = '';
  await session.run('SELECT version()', [], {
    columns() {},
    row: ([text]) => (version = /\bv(\d[\d.-]*)/.exec(text ?? '')?.[1] ?? ''),
  });
  return version;
}

function rowObjects(fields: DriverField[], take: (row: Row) => void): RowSink {
  return {
    columns: (found) => void fields.push(...found),
    row: (values) =>
      take(Object.fromEntries(fields.map((field, i) => [field.name, valueOf(field, values[i] ?? null)]))),
  };
}

const oids = { boolean: 5, integer: 6, float: 7 } as const;

function valueOf({ dataTypeID }: DriverField, text: string | null): unknown {
  if (text === null) return null;
  switch (dataTypeID) {
    case oids.boolean:
      return text === 't';
    case oids.integer:
      return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
    case oids.float:
      return Number(text);
    default:
      return text;
  }
}
