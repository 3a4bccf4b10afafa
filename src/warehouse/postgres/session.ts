import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { SegtagError } from '../../errors.ts';
import type { PostgresConnection, ResolvedConnection } from '../../job/connections-schema.ts';
import { connectError } from './error.ts';
import type { SessionTag } from '../warehouse.ts';

/** One login. `client` is the driver's; the rest is what the driver doesn't offer. */
export type PostgresSession = {
  readonly client: pg.Client;
  readonly processId: number;
  /** Ends the session; a server that doesn't answer is left behind after two seconds. */
  close(): Promise<void>;
  /** Drops the connection at once. */
  destroy(): void;
};

const keepAliveMs = 30_000;
const goodbyeMs = 2000;

/** Logs in and starts the one transaction of the session, which sees one snapshot and can't write. */
export async function openSession(
  connection: ResolvedConnection<PostgresConnection>,
  tag: SessionTag,
  place: string,
): Promise<PostgresSession> {
  const session = await logIn(connection, `segtag ${tag.job} ${tag.runId}`, place);
  try {
    await session.client.query(opening(connection.config));
    const { rows } = await session.client.query<[string]>({ text: 'SELECT pg_backend_pid()', rowMode: 'array' });
    return { ...session, processId: Number(rows[0]?.[0]) };
  } catch (error) {
    session.destroy();
    throw connectError(error, place);
  }
}

/** Tells the server to stop what the session is doing, over a second login. */
export async function cancelQuery(
  connection: ResolvedConnection<PostgresConnection>,
  { processId }: PostgresSession,
  place: string,
): Promise<void> {
  const session = await logIn(connection, 'segtag cancel', place);
  try {
    await session.client.query('SELECT pg_cancel_backend($1)', [processId]);
  } finally {
    await session.close();
  }
}

async function logIn(
  { config }: ResolvedConnection<PostgresConnection>,
  applicationName: string,
  place: string,
): Promise<Omit<PostgresSession, 'processId'>> {
  const socket = new Socket();
  const client = new pg.Client({
    host: config.host,
    port: config.port,
    database: config.database,
    user: config.user,
    // Given as a function, so that the driver doesn't look for one in PGPASSWORD and ~/.pgpass.
    password: () => config.password ?? '',
    client_encoding: 'UTF8',
    ssl: tlsOptions(config, place),
    application_name: applicationName.slice(0, 63),
    connectionTimeoutMillis: config.connect_timeout_seconds * 1000,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    stream: () => socket,
  });
  // A connection that breaks between two queries says so here; the next query fails with it.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    socket.destroy();
    throw connectError(error, place);
  }
  return {
    client,
    destroy: () => void socket.destroy(),
    async close() {
      const patience = setTimeout(() => socket.destroy(), goodbyeMs);
      await client.end();
      clearTimeout(patience);
    },
  };
}

function opening({ search_path }: PostgresConnection): string {
  const path = (search_path ?? []).map((schema) => pg.escapeIdentifier(schema)).join(', ');
  return [
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    "SET LOCAL DateStyle = 'ISO, YMD'",
    'SET LOCAL extra_float_digits = 2',
    ...(path === '' ? [] : [`SET LOCAL search_path = ${path}`]),
  ].join('; ');
}

function tlsOptions(config: PostgresConnection, place: string): ConnectionOptions | false {
  if (config.tls === 'disable') return false;
  return {
    rejectUnauthorized: config.tls !== 'require',
    ...(config.ca === undefined ? {} : { ca: pem('ca', config.ca, place) }),
    ...(config.cert === undefined ? {} : { cert: pem('cert', config.cert, place) }),
    ...(config.key === undefined ? {} : { key: pem('key', config.key, place) }),
    ...(config.tls === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}

function pem(setting: 'ca' | 'cert' | 'key', path: string, place: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SegtagError('E_CONNECTION_CONFIG', {
      where: place,
      what: `The file ${path} cannot be read.`,
      remedy: `Correct \`${setting}\` of the connection.`,
      cause: error,
    });
  }
}
