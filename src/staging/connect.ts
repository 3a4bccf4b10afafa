import { setTimeout as sleep } from 'node:timers/promises';
import createKnex, { type Knex } from 'knex';
import type {
  Connection,
  MysqlConnection,
  PostgresConnection,
  ResolvedConnection,
  SqliteConnection,
} from '../job/connections-schema.ts';
import type { Engine, Patience, Store } from './engines/engine.ts';
import { asSegtagError } from './failure.ts';
import { notStaging } from './staging-clients.ts';

export type StagingOptions = {
  /** How long a lock that another process holds is waited for. */
  readonly lockWaitMs?: number;
  /** How long a server may take over a statement without saying anything; then the connection counts as lost. */
  readonly silenceMs?: number;
};

/** A store that answers, with what its failures mean. */
export type ConnectedStore = {
  readonly store: Store;
  /** Passes on what `work` resolves to, and its failure as a SegtagError that names the connection. */
  guard<T>(work: Promise<T>): Promise<T>;
  /** Always settles, also when the server is gone. */
  close(): Promise<void>;
};

/** Connects to a staging database and asks it one question. Throws E_CRM_UNREACHABLE, E_LOGIN_REFUSED or E_CONNECTION_CONFIG. */
export async function connectStore(
  connection: ResolvedConnection,
  { lockWaitMs = 30_000, silenceMs = 15 * 60_000 }: StagingOptions = {},
): Promise<ConnectedStore> {
  const where = `connection "${connection.name}"`;
  const engine = await engineFor(connection, { lockWaitMs, silenceMs }, where);
  const live = new Set<unknown>();
  const knex = createKnex({ ...withTracking(engine, live, silenceMs), compileSqlOnError: false, log: silent });
  const guard = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw asSegtagError(error, engine, `${where} (${engine.place})`);
    }
  };
  const close = (): Promise<void> => closeWithin(knex, engine, live);
  try {
    await guard(engine.run(knex, 'select 1 as one', []));
  } catch (error) {
    await close();
    throw error;
  }
  return { store: { knex, engine }, guard, close };
}

/** Only the driver that is used gets loaded. */
async function engineFor(connection: ResolvedConnection, patience: Patience, where: string): Promise<Engine> {
  const { config } = connection;
  switch (config.client) {
    case 'sqlite':
      return (await import('./engines/sqlite.ts')).sqliteEngine(
        typed<SqliteConnection>(connection, config),
        patience.lockWaitMs,
      );
    case 'postgres':
      return (await import('./engines/postgres.ts')).postgresEngine(
        typed<PostgresConnection>(connection, config),
        patience,
      );
    case 'mysql':
      return (await import('./engines/mysql.ts')).mysqlEngine(typed<MysqlConnection>(connection, config), patience);
    default:
      throw notStaging(where, config.client);
  }
}

function typed<Config extends Connection>(connection: ResolvedConnection, config: Config): ResolvedConnection<Config> {
  return { ...connection, config };
}

const silent = { warn() {}, error() {}, deprecate() {}, debug() {} };

type AfterCreate = (connection: unknown, done: (error: unknown, connection: unknown) => void) => void;

/** Remembers open connections, so that those of a dead server can be dropped, and drops those that go silent. */
function withTracking({ settings, socketOf }: Engine, live: Set<unknown>, silenceMs: number): Knex.Config {
  const before = settings.pool?.afterCreate as AfterCreate | undefined;
  const afterCreate: AfterCreate = (connection, done) => {
    live.add(connection);
    const socket = socketOf(connection);
    socket?.setTimeout(silenceMs, () => socket.destroy(new SilentServer()));
    if (before) before(connection, done);
    else done(undefined, connection);
  };
  return { ...settings, pool: { ...settings.pool, afterCreate } };
}

/** Neither an answer nor the end of the connection has come. */
class SilentServer extends Error {
  readonly code = 'ETIMEDOUT';
  constructor() {
    super('Connection lost: the server has gone silent');
  }
}

const closeTimeoutMs = 3000;

async function closeWithin(knex: Knex, engine: Engine, live: Set<unknown>): Promise<void> {
  const timer = new AbortController();
  const closed = knex.destroy().then(
    () => true,
    () => true,
  );
  const late = sleep(closeTimeoutMs, false, { signal: timer.signal }).catch(() => false);
  if (!(await Promise.race([closed, late]))) for (const connection of live) engine.socketOf(connection)?.destroy();
  timer.abort();
}
