import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import {
  DriverFault,
  type DataRow,
  type DriverClient,
  type DriverConnection,
  type DriverField,
  type QueryClass,
  type QueryConfig,
  type QueryValue,
  type VerticaDriver,
} from './driver-shape.ts';

/** What a defect of vertica-nodejs 1.1.4 needs, at the places where it can be put right. */
export type Cure = {
  /** What goes wrong without it. */
  readonly defect: string;
  /** Wraps the loading of the driver. */
  readonly load?: (load: () => VerticaDriver) => VerticaDriver;
  /** Settles a client before it connects. */
  readonly client?: (client: DriverClient) => void;
  /** Extends the driver's queries. */
  readonly query?: (Base: QueryClass) => QueryClass;
};

const endPatienceMs = 2_000;

/**
 * All that is cured, in the order in which it wraps the driver: the guard comes after what hands rows on.
 * The tests take out one at a time and show what then happens.
 */
export const cures: readonly Cure[] = [
  {
    defect: 'after a failed parameterised query the next one gets an empty answer',
    query: (Base) =>
      class extends Base {
        #syncSent = false;

        override handleBindComplete(connection: DriverConnection): void {
          this.#syncSent = true;
          super.handleBindComplete(connection);
        }

        /** The driver syncs after an error also when a Sync is on its way since BindComplete: one too many. */
        override handleError(error: unknown, connection: DriverConnection, internalError = false): void {
          super.handleError(error, connection, internalError || this.#syncSent);
        }
      },
  },
  {
    defect: 'loading it breaks the booleans of the PostgreSQL driver in the same process',
    load(load) {
      const require = createRequire(import.meta.url);
      const shared = createRequire(require.resolve('vertica-nodejs'))('pg-types') as SharedTypes;
      const replaced = [5, 6, 7, 16, 17, 20].map((oid) => [oid, shared.getTypeParser(oid, 'text')] as const);
      const driver = load();
      for (const [oid, parser] of replaced) shared.setTypeParser(oid, 'text', parser);
      return driver;
    },
  },
  {
    defect: 'integers beyond 2^53 lose their last digits, and numerics may become booleans',
    query: (Base) =>
      class extends Base {
        /** Past the driver's parsers: values stay the server's text. */
        override handleDataRow({ fields }: DataRow): void {
          this.emit('row', fields);
        }
      },
  },
  {
    defect: 'each parameterised query leaves a prepared statement on the server',
    query: (Base) =>
      class extends Base {
        constructor(config: QueryConfig) {
          super(config.values.length === 0 ? config : { ...config, name: nameOf(config.text) });
        }
      },
  },
  {
    defect: 'a row that cannot be taken, or a message that cannot be read, ends the process',
    client: guardListeners,
    query: guardRows,
  },
  {
    defect: 'the server may take and write files of this host, and a COPY that fails hangs',
    query: (Base) =>
      class extends Base {
        override handleCopyInResponse(connection: DriverConnection): void {
          refuseFiles(connection);
        }
        override handleVerifyFiles(_: unknown, connection: DriverConnection): void {
          refuseFiles(connection);
        }
        override handleLoadFile(_: unknown, connection: DriverConnection): void {
          refuseFiles(connection);
        }
        override handleWriteFile(_: unknown, connection: DriverConnection): void {
          refuseFiles(connection);
        }
      },
  },
  {
    defect: 'ending a connection that the server has closed never settles',
    client(client) {
      const end = client.end.bind(client);
      client.end = async () => {
        const { stream } = client.connection;
        const patience = new Promise<void>((resolve) => setTimeout(resolve, endPatienceMs).unref());
        if (!stream.destroyed) await Promise.race([end(), patience]);
        stream.destroy();
      };
    },
  },
  {
    defect: 'a time given as a parameter is sent in the time zone of this host',
    query: (Base) =>
      class extends Base {
        constructor(config: QueryConfig) {
          super({ ...config, values: config.values.map(inUtc) });
        }
      },
  },
];

type SharedTypes = {
  getTypeParser(oid: number, format: 'text'): (text: string) => unknown;
  setTypeParser(oid: number, format: 'text', parser: (text: string) => unknown): void;
};

/** Equal SQL shares one name, and is prepared once. */
function nameOf(sql: string): string {
  return `segtag_${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`;
}

/**
 * The driver parses in a listener of the socket, where a throw would end the process: an unknown
 * message, a type that isn't native, a protocol version out of range, a message that no query waits for.
 * Here such a throw ends the connection instead, and its queries reject.
 */
function guardListeners({ connection }: DriverClient): void {
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

/** When a listener throws, the rest of the rows is passed over, and the query fails with what was thrown at its end. */
function guardRows(Base: QueryClass): QueryClass {
  return class extends Base {
    #failed = false;
    #failure: unknown;

    override handleRowDescription(message: { fields: readonly DriverField[] }): void {
      try {
        super.handleRowDescription(message);
      } catch (error) {
        this.#fail(error);
      }
    }

    override handleDataRow(message: DataRow): void {
      if (this.#failed) return;
      try {
        super.handleDataRow(message);
      } catch (error) {
        this.#fail(error);
      }
    }

    override handleError(error: unknown, connection: DriverConnection, internalError = false): void {
      super.handleError(this.#failed ? this.#failure : error, connection, internalError);
    }

    override handleReadyForQuery(connection: DriverConnection): void {
      if (this.#failed) this.emit('error', this.#failure);
      else super.handleReadyForQuery(connection);
    }

    #fail(error: unknown): void {
      if (this.#failed) return;
      this.#failed = true;
      this.#failure = error;
      this.emit('refused');
    }
  };
}

/** A warehouse is only read: a server that asks for a file, or wants one written, gets nothing. */
function refuseFiles(connection: DriverConnection): void {
  const cause = new Error('it asked for a file of this host');
  connection.stream.destroy(new DriverFault('the server does what a read needn’t', { cause }));
}

/** Right for columns with a time zone and for those without. */
function inUtc(value: QueryValue): QueryValue {
  return value instanceof Date ? value.toISOString().replace('T', ' ').replace('Z', '+00') : value;
}
