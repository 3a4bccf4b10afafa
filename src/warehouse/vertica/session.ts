import { lookup } from 'node:dns/promises';
import { connect as connectSocket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { cures } from './cures.ts';
import type { DriverClient, QueryValue } from './driver-shape.ts';
import { driverWith, type ClientOptions, type RowSink } from './driver.ts';
import { isOfThisHost } from './error.ts';

export type Host = { readonly host: string; readonly port: number };

export type SessionOptions = Omit<ClientOptions, 'address' | 'port' | 'tls'> & {
  /** Tried one after another, until one takes the session. */
  readonly hosts: readonly Host[];
  /** How to encrypt, given the name that the certificate should bear; absent: without TLS. */
  readonly tls: ((host: string) => ConnectionOptions) | undefined;
};

/** One connection to Vertica. Statements are run one after another, by the caller's care. */
export type VerticaSession = {
  run(sql: string, values?: readonly QueryValue[], sink?: RowSink): Promise<void>;
  /** Asks the server to stop the running statement; a server that doesn't within some seconds loses the connection. */
  cancel(): void;
  /** Stops taking rows from the server until `resume`, so that what is behind can keep up. */
  pause(): void;
  resume(): void;
  /** False when the connection is gone. */
  readonly usable: boolean;
  /** Ends the connection, within two seconds in any case. */
  end(): Promise<void>;
};

const driver = driverWith(cures);

const cancelPatienceMs = 1_000;

/**
 * Connects to the first address of the first host that takes the session. A refused login ends the search:
 * all hosts are nodes of one database. The driver's own walk over addresses listens twice to one
 * connection, so each address gets a client of its own.
 */
export async function openSession({ hosts, tls, ...options }: SessionOptions): Promise<VerticaSession> {
  const failures: { readonly place: string; readonly error: unknown }[] = [];
  for (const { host, port } of hosts) {
    const place = `${host}:${port}`;
    const addresses = await lookup(host, { all: true }).catch((error: unknown) => {
      failures.push({ place, error });
      return [];
    });
    for (const { address } of addresses) {
      const client = driver.createClient({ ...options, address, port, tls: tls?.(host) });
      try {
        await client.connect();
        return sessionOf(client, address, port);
      } catch (error) {
        client.connection.stream.destroy();
        if (!isOfThisHost(error)) throw error;
        failures.push({ place, error });
      }
    }
  }
  if (hosts.length === 1) throw failures.at(-1)?.error;
  const reasons = failures.map(({ place, error }) => `${place}: ${error instanceof Error ? error.message : error}`);
  throw new Error(`none of the ${hosts.length} hosts takes a session (${reasons.join('; ')})`);
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
        await driver.runQuery(client, { sql, values }, sink, cancel);
      } finally {
        // A cancel request that arrives late would stop the next statement.
        await cancelling;
        clearTimeout(fuse);
        cancelling = fuse = undefined;
      }
    },
    cancel,
    pause: () => void client.connection.stream.pause(),
    resume: () => void client.connection.stream.resume(),
    get usable() {
      return !client.connection.stream.destroyed;
    },
    end: () => client.end(),
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
