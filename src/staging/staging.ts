import { setTimeout as sleep } from 'node:timers/promises';
import createKnex, { type Knex } from 'knex';
import { SegtagError } from '../errors.ts';
import type { TagSet } from '../frame/tags.ts';
import type {
  Connection,
  MysqlConnection,
  PostgresConnection,
  ResolvedConnection,
  SqliteConnection,
} from '../job/connections-schema.ts';
import type { Engine, Patience, Store } from './engine.ts';
import { asSegtagError } from './failure.ts';
import { acquireLease, releaseLease, renewLease, type Lease, type LeaseRequest } from './lease.ts';
import { migrate, missingMigrations } from './migrate.ts';
import { mysqlEngine } from './mysql.ts';
import { savePlan, type SavedPlan } from './plan-store.ts';
import { postgresEngine } from './postgres.ts';
import type { Published, PublishOptions } from './publish-options.ts';
import { publish } from './publish.ts';
import { readScores, type ScoreQuery } from './read-scores.ts';
import { readTags, type TagQuery } from './read-tags.ts';
import type { RunPatch, RunRecord } from './run-record.ts';
import {
  findRun,
  insertRun,
  listRuns,
  publishedBase,
  recentExtracted,
  renewModel,
  supersede,
  updateRun,
  type PublishedBase,
} from './run-store.ts';
import { claimSlot, newestSlot, type Slot } from './slot.ts';
import { sqliteEngine } from './sqlite.ts';

/**
 * The CRM staging database: tags, change feed and run store. Each method rejects with a
 * SegtagError that names the connection, and leaves nothing half written.
 */
export type Staging = {
  readonly dialect: Engine['dialect'];
  /** Engine, user and host or file, for messages; never a secret. */
  readonly place: string;
  migrate(tables: readonly string[]): Promise<{ readonly applied: readonly string[] }>;
  /** The service's own tables, and the tag table if one is named. SQLite migrates itself; a server that isn't migrated is E_NOT_MIGRATED. */
  requireMigrated(table?: string): Promise<void>;
  readTags(query: TagQuery): Promise<TagSet>;
  /** The published scores (canonical JSON) of those customers that have a row. */
  readScores(query: ScoreQuery): Promise<ReadonlyMap<string, string | null>>;
  insertRun(run: RunRecord): Promise<void>;
  updateRun(runId: string, patch: RunPatch): Promise<boolean>;
  findRun(runId: string): Promise<RunRecord | null>;
  listRuns(query: { readonly job?: string; readonly limit: number }): Promise<RunRecord[]>;
  publishedBase(job: string): Promise<PublishedBase | null>;
  recentExtracted(job: string, limit: number): Promise<number[]>;
  supersede(job: string, newestRunId: string): Promise<void>;
  renewModel(run: { readonly runId: string; readonly job: string; readonly model: unknown }): Promise<void>;
  /** E_ALREADY_RUNNING while another run of the job holds it. */
  acquireLease(request: LeaseRequest): Promise<Lease>;
  renewLease(lease: Lease, leaseMs: number): Promise<boolean>;
  releaseLease(lease: Lease): Promise<void>;
  claimSlot(slot: Slot, by: { readonly runId: string; readonly holder: string }): Promise<boolean>;
  newestSlot(job: string): Promise<string | null>;
  savePlan(plan: SavedPlan): Promise<void>;
  publish(options: PublishOptions): Promise<Published>;
  /** Always settles, also when the server is gone. */
  close(): Promise<void>;
};

export type StagingOptions = {
  /** How long a lock that another process holds is waited for. */
  readonly lockWaitMs?: number;
  /** How long a server may take over a statement without saying anything; then the connection counts as lost. */
  readonly silenceMs?: number;
};

/** Connects to the CRM staging database. */
export async function openStaging(
  connection: ResolvedConnection,
  { lockWaitMs = 30_000, silenceMs = 15 * 60_000 }: StagingOptions = {},
): Promise<Staging> {
  const where = `connection "${connection.name}"`;
  const engine = engineFor(connection, { lockWaitMs, silenceMs }, where);
  const live = new Set<unknown>();
  const knex = createKnex({ ...withTracking(engine, live, silenceMs), compileSqlOnError: false, log: silent });
  const store: Store = { knex, engine };
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
  return {
    dialect: engine.dialect,
    place: engine.place,
    migrate: async (tables) => ({ applied: await guard(migrate(store, tables)) }),
    requireMigrated: (table) => guard(requireMigrated(store, table)),
    readTags: (query) => guard(readTags(store, query)),
    readScores: (query) => guard(readScores(store, query)),
    insertRun: (run) => guard(insertRun(store, run)),
    updateRun: (runId, patch) => guard(updateRun(store, runId, patch)),
    findRun: (runId) => guard(findRun(store, runId)),
    listRuns: (query) => guard(listRuns(store, query)),
    publishedBase: (job) => guard(publishedBase(store, job)),
    recentExtracted: (job, limit) => guard(recentExtracted(store, job, limit)),
    supersede: (job, newestRunId) => guard(supersede(store, job, newestRunId)),
    renewModel: (run) => guard(renewModel(store, run)),
    acquireLease: (request) => guard(acquireLease(store, request)),
    renewLease: (lease, leaseMs) => guard(renewLease(store, lease, leaseMs)),
    releaseLease: (lease) => guard(releaseLease(store, lease)),
    claimSlot: (slot, by) => guard(claimSlot(store, slot, by)),
    newestSlot: (job) => guard(newestSlot(store, job)),
    savePlan: (plan) => guard(savePlan(store, plan)),
    publish: (options) => guard(publish(store, options)),
    close,
  };
}

function engineFor(connection: ResolvedConnection, patience: Patience, where: string): Engine {
  const { config } = connection;
  switch (config.client) {
    case 'sqlite':
      return sqliteEngine(typed<SqliteConnection>(connection, config), patience.lockWaitMs);
    case 'postgres':
      return postgresEngine(typed<PostgresConnection>(connection, config), patience);
    case 'mysql':
      return mysqlEngine(typed<MysqlConnection>(connection, config), patience);
    default:
      throw notStaging(where, config.client);
  }
}

/** Throws E_CONNECTION_CONFIG for an engine that can't be the CRM staging database. */
export function requireStaging(name: string, client: Connection['client']): void {
  if (client === 'vertica' || client === 'duckdb') throw notStaging(`connection "${name}"`, client);
}

function notStaging(where: string, client: Connection['client']): SegtagError {
  return new SegtagError('E_CONNECTION_CONFIG', {
    where,
    what: `A ${client} connection can't be the CRM staging database.`,
    remedy: 'Use a connection with client sqlite, postgres or mysql for publish.connection.',
  });
}

function typed<Config extends Connection>(connection: ResolvedConnection, config: Config): ResolvedConnection<Config> {
  return { ...connection, config };
}

async function requireMigrated(store: Store, table?: string): Promise<void> {
  const tables = table === undefined ? [] : [table];
  const missing = await missingMigrations(store, tables);
  if (missing.length === 0) return;
  if (store.engine.dialect === 'sqlite') {
    await migrate(store, tables);
    return;
  }
  throw new SegtagError('E_NOT_MIGRATED', {
    where: store.engine.place,
    what: `The staging schema lacks ${missing.join(', ')}.`,
    remedy: 'Run segtag migrate with a user that may create tables.',
  });
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
