import { randomInt } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { DuckDBInstance } from '@duckdb/node-api';
import { accept, defaultProtocolVersion, logIn, refuse, type Client, type LoginRules } from './connection.ts';
import { Executor } from './executor.ts';
import { defineMacros } from './macros.ts';
import { Session } from './session.ts';
import { asWireError } from './wire-error.ts';

type VerticaWireOptions = Partial<LoginRules> & {
  /** A DuckDB file, or an instance that the caller goes on owning; absent, an empty one in memory. */
  readonly data?: string | DuckDBInstance;
  /** Relations that nobody may read: error 42501. */
  readonly deniedRelations?: readonly string[];
  readonly port?: number;
};

export type VerticaWire = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** `vertica://user:password@host:port/database` of the first user. */
  readonly url: string;
  /** The engine behind it, for filling tables without the protocol. */
  readonly instance: DuckDBInstance;
  /** The sessions that are logged in. */
  sessions(): readonly ServedSession[];
  /** Cuts all connections, as a dying server does. */
  dropConnections(): void;
  stop(): Promise<void>;
};

type ServedSession = {
  readonly user: string;
  readonly label: string;
  readonly sql: string;
  readonly preparedStatements: number;
  /** What the last COPY FROM LOCAL has brought. */
  readonly copied: string | undefined;
  /** Sends bytes of a test's own choice. */
  send(bytes: Uint8Array): void;
};

type Served = {
  readonly session: Session;
  readonly executor: Executor;
  readonly secretKey: number;
  readonly view: ServedSession;
};

/** Starts a stand-in for Vertica on a loopback port: its side of protocol 3.16 over DuckDB. */
export async function startVerticaWire(options: VerticaWireOptions = {}): Promise<VerticaWire> {
  const { data, deniedRelations = [], port = 0 } = options;
  const instance = data instanceof DuckDBInstance ? data : await DuckDBInstance.create(data ?? ':memory:');
  const rules: LoginRules = {
    authentication: options.authentication ?? 'trust',
    users: options.users ?? { segtag: 'segtag' },
    database: options.database ?? 'segtag',
    tls: options.tls,
    protocolVersion: options.protocolVersion ?? defaultProtocolVersion,
  };
  const sockets = new Set<Socket>();
  const served = new Map<number, Served>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    serve(socket, { instance, rules, deniedRelations, served }).catch((error: unknown) =>
      refuse(socket, asWireError(error, '')),
    );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  const [user = '', password = ''] = Object.entries(rules.users)[0] ?? [];
  const dropConnections = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    host: '127.0.0.1',
    port: address.port,
    database: rules.database,
    url: `vertica://${user}:${password}@127.0.0.1:${address.port}/${rules.database}`,
    instance,
    sessions: () => [...served.values()].map(({ view }) => view),
    dropConnections,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      const open = [...served.values()];
      dropConnections();
      await closed;
      await Promise.all(open.map(({ executor }) => executor.closed));
      if (!(data instanceof DuckDBInstance)) instance.closeSync();
    },
  };
}

type Services = {
  readonly instance: DuckDBInstance;
  readonly rules: LoginRules;
  readonly deniedRelations: readonly string[];
  readonly served: Map<number, Served>;
};

async function serve(raw: Socket, { instance, rules, deniedRelations, served }: Services): Promise<void> {
  const client = await accept(raw, rules);
  if (!client) return;
  const { socket, opening } = client;
  socket.on('error', () => {});
  if (opening.kind === 'cancel') {
    const target = served.get(opening.processId);
    if (target?.secretKey === opening.secretKey) target.executor.stop();
    socket.end();
    return;
  }
  const [processId, secretKey] = [randomInt(2 ** 31), randomInt(2 ** 31)];
  if (!(await logIn(client, rules, processId, secretKey))) return;
  const connection = await instance.connect();
  await defineMacros(connection);
  const executor = new Executor(connection, deniedRelations);
  const session = new Session(socket, executor);
  served.set(processId, { session, executor, secretKey, view: viewOf(client, session) });
  socket.once('close', () => executor.abandon());
  try {
    session.sendReady();
    for (let message = await client.next(); message && message.code !== 'X'; message = await client.next())
      await session.handle(message);
    socket.end();
  } finally {
    served.delete(processId);
    executor.close();
  }
}

function viewOf({ socket, opening }: Client, session: Session): ServedSession {
  const parameters = opening.kind === 'startup' ? opening.parameters : new Map<string, string>();
  return {
    user: parameters.get('user') ?? '',
    label: parameters.get('client_label') ?? '',
    get sql() {
      return session.sql;
    },
    get preparedStatements() {
      return session.preparedStatements;
    },
    get copied() {
      return session.copied?.toString('utf8');
    },
    send: (bytes) => void socket.write(bytes),
  };
}
