import { lookup } from 'node:dns/promises';
import { connect as connectSocket } from 'node:net';
import { createClient, runQuery, type ClientOptions, type DriverClient, type RowSink } from './driver.ts';

export type SessionOptions = Omit<ClientOptions, 'address'> & { readonly host: string };

/** One connection to Vertica. Statements are run one after another, by the caller's care. */
export type VerticaSession = {
  run(sql: string, values?: readonly string[], sink?: RowSink): Promise<void>;
  /** Asks the server to stop the running statement; a server that doesn't within some seconds loses the connection. */
  cancel(): void;
  /** Ends the connection, within two seconds in any case. */
  end(): Promise<void>;
};

const cancelPatienceMs = 5_000;
const endPatienceMs = 2_000;

/**
 * Connects to the first address of the host that answers. The driver's own walk over addresses
 * listens twice to one connection, so each address gets a client of its own.
 */
export async function openSession({ host, ...options }: SessionOptions): Promise<VerticaSession> {
  const addresses = await lookup(host, { all: true });
  let failure: unknown;
  for (const { address } of addresses) {
    const client = createClient({ ...options, address });
    try {
      await client.connect();
      return sessionOf(client, address, options.port);
    } catch (error) {
      failure = error;
      client.connection.stream.destroy();
      if (!isNetworkError(error)) break;
    }
  }
  throw failure;
}

function sessionOf(client: DriverClient, address: string, port: number): VerticaSession {
  const noRows: RowSink = { columns() {}, row() {} };
  const destroy = (): void => void client.connection.stream.destroy();
  let cancelling: Promise<void> | undefined;
  let fuse: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    fuse ??= setTimeout(destroy, cancelPatienceMs);
    cancelling ??= sendCancelRequest(client, address, port);
  };
  return {
    async run(sql, values = [], sink = noRows) {
      try {
        await runQuery(client, { sql, values }, sink, cancel);
      } finally {
        // A cancel request that arrives late would stop the next statement.
        await cancelling;
        clearTimeout(fuse);
        cancelling = fuse = undefined;
      }
    },
    cancel,
    async end() {
      // When the server has closed the socket, the driver's own promise never settles.
      const patience = new Promise((resolve) => setTimeout(resolve, endPatienceMs).unref());
      if (!client.connection.stream.destroyed) await Promise.race([client.end(), patience]);
      destroy();
    },
  };
}

/** Sent on a connection of its own, without TLS: it carries no secret but the session's random key. */
function sendCancelRequest({ processID, secretKey }: DriverClient, address: string, port: number): Promise<void> {
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(80_877_102, 4);
  message.writeInt32BE(processID ?? 0, 8);
  message.writeInt32BE(secretKey ?? 0, 12);
  return new Promise((resolve) => {
    const socket = connectSocket(port, address, () => socket.end(message));
    socket.setTimeout(cancelPatienceMs, () => socket.destroy());
    socket.on('error', () => {}).once('close', () => resolve());
    socket.resume();
  });
}

function isNetworkError(error: unknown): boolean {
  return (
    error instanceof Error &&
    (('syscall' in error && error.syscall === 'connect') || error.message === 'timeout expired')
  );
}
