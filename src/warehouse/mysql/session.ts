import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import mysql, { type ConnectionOptions, type PrepareStatementInfo, type Query } from 'mysql2';
import { SegtagError } from '../../errors.ts';
import type { MysqlConnection, ResolvedConnection } from '../../job/connections-schema.ts';
import type { MysqlField } from './columns.ts';
import { connectError } from './error.ts';
import type { SessionTag } from '../warehouse.ts';

/** Where a result goes, row by row. */
export type RowSink = { columns(fields: readonly MysqlField[]): void; row(values: readonly unknown[]): void };

/** One login. A promise of it settles also when the connection breaks. */
export type MysqlSession = {
  readonly isMariadb: boolean;
  /** Runs a statement and returns its rows. */
  run(sql: string): Promise<readonly (readonly unknown[])[]>;
  /** Sends a query as a prepared statement. What the sink throws rejects, after `stop` has been called. */
  stream(query: StreamedQuery): Promise<void>;
  /** Asks the server, over a second login, to stop what this session is doing. */
  cancel(): Promise<void>;
  /** Ends the session; a server that doesn't answer is left behind after two seconds. */
  close(): Promise<void>;
  /** Drops the connection at once. */
  destroy(): void;
};

type StreamedQuery = {
  readonly sql: string;
  readonly values: readonly (string | number | boolean)[];
  readonly sink: RowSink;
  readonly stop: () => void;
};

/** The statement returns no rows. */
export class NotAQuery extends Error {}

/** The session was dropped by us. */
class Dropped extends Error {
  readonly code = 'ECONNRESET';
}

const goodbyeMs = 2000;
const keepAliveMs = 30_000;

/** Logs in and starts the one transaction of the session, which sees one snapshot and can't write. */
export async function openSession(
  connection: ResolvedConnection<MysqlConnection>,
  tag: SessionTag,
  place: string,
): Promise<MysqlSession> {
  const login = await logIn(connection.config, `segtag ${tag.job} ${tag.runId}`, place);
  try {
    for (const statement of opening) await login.run(statement);
    const [row] = await login.run('SELECT VERSION(), CONNECTION_ID()');
    const [version, id] = [String(row?.[0]), String(row?.[1])];
    const cancel = async (): Promise<void> => {
      const second = await logIn(connection.config, 'segtag cancel', place);
      try {
        await second.run(`KILL QUERY ${id}`);
      } finally {
        await second.close();
      }
    };
    return { ...login, isMariadb: /mariadb/i.test(version), cancel };
  } catch (error) {
    login.destroy();
    throw connectError(error, place);
  }
}

/**
 * Standard SQL where MySQL offers it (`||` joins texts), clocks in UTC, and a warning for whatever the
 * server would have changed in silence. `max_error_count` leaves room for the first of those.
 */
const opening = [
  `SET SESSION sql_mode = 'STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,PIPES_AS_CONCAT,NO_ENGINE_SUBSTITUTION',
    time_zone = '+00:00', sql_notes = 0, max_error_count = 1024`,
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
];

type Login = Omit<MysqlSession, 'isMariadb' | 'cancel'>;

async function logIn(config: MysqlConnection, program: string, place: string): Promise<Login> {
  const connection = mysql.createConnection(options(config, program, place));
  const settlers = new Set<(error: Error) => void>();
  const failAll = (error: Error): void => {
    for (const settle of settlers) settle(error);
  };
  // A statement without a callback learns of a broken connection from the connection alone.
  connection.on('error', failAll);
  const settled = <T>(start: Start<T>): Promise<T> => settling(settlers, start);
  const destroy = (): void => {
    (connection as unknown as { stream: { destroy(): void } }).stream.destroy();
    failAll(new Dropped('the connection was dropped'));
  };
  try {
    await settled<void>((resolve) => connection.once('connect', () => resolve()));
  } catch (error) {
    destroy();
    throw connectError(error, place);
  }
  return {
    destroy,
    run: (sql) =>
      settled((resolve, reject) => {
        connection.query(sql, (error, rows) => (error ? reject(error) : resolve(rows as unknown as unknown[][])));
      }),
    async stream(query) {
      const prepared = await settled<PrepareStatementInfo>((resolve, reject) => {
        connection.prepare(query.sql, (error, info) => (error ? reject(error) : resolve(info)));
      });
      // Nothing that isn't a query is ever executed: a COMMIT would end the snapshot.
      if ((prepared as PreparedColumns).columns?.length === 0) throw new NotAQuery('it is not a query');
      await settled<void>((resolve, reject) => receive(prepared.execute(bound(query)), query, { resolve, reject }));
      connection.unprepare(query.sql);
    },
    async close() {
      const patience = setTimeout(destroy, goodbyeMs);
      await settled<void>((resolve) => connection.end(() => resolve())).catch(() => {});
      clearTimeout(patience);
    },
  };
}

type Start<T> = (resolve: (value: T) => void, reject: (error: unknown) => void) => void;

/** A promise that also rejects through `settlers`, where it is listed until it is settled. */
async function settling<T>(settlers: Set<(error: Error) => void>, start: Start<T>): Promise<T> {
  const listed: ((error: Error) => void)[] = [];
  try {
    return await new Promise<T>((resolve, reject) => {
      listed.push(reject);
      settlers.add(reject);
      start(resolve, reject);
    });
  } finally {
    for (const reject of listed) settlers.delete(reject);
  }
}

type PreparedColumns = PrepareStatementInfo & { readonly columns?: readonly unknown[] };

function receive(
  command: Query,
  { sink, stop }: StreamedQuery,
  { resolve, reject }: { readonly resolve: () => void; readonly reject: (error: unknown) => void },
): void {
  let failure: unknown;
  // What is thrown inside the driver's parser would end the connection with an error of its own.
  const guarded = (work: () => void): void => {
    if (failure !== undefined) return;
    try {
      work();
    } catch (error) {
      failure = error;
      stop();
    }
  };
  command.on('fields', (fields) => guarded(() => sink.columns(fields as unknown as MysqlField[])));
  command.on('result', (row) => guarded(() => sink.row(row as unknown as unknown[])));
  command.on('error', (error) => reject(failure ?? error));
  command.on('end', () => (failure === undefined ? resolve() : reject(failure)));
}

/** The driver would send an integer as a double, which LIMIT and intervals refuse. */
function bound({ values }: StreamedQuery): unknown[] {
  return values.map((value) => (Number.isSafeInteger(value) ? mysql.TypedParameter.BIGINT(value) : value));
}

function options(config: MysqlConnection, program: string, place: string): ConnectionOptions {
  const ssl = tlsOptions(config, place);
  return {
    host: config.host,
    port: config.port,
    database: config.database,
    user: config.user,
    ...(config.password === undefined ? {} : { password: config.password }),
    ...(ssl === undefined ? {} : { ssl }),
    connectTimeout: config.connect_timeout_seconds * 1000,
    connectAttributes: { program_name: program },
    enableKeepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    jsonStrings: true,
    rowsAsArray: true,
    // We send nothing of ours: not even to a server that asks for a file.
    flags: ['-LOCAL_FILES'],
  };
}

type Ssl = Exclude<ConnectionOptions['ssl'], string | undefined>;

function tlsOptions(config: MysqlConnection, place: string): Ssl | undefined {
  if (config.tls === 'disable') return undefined;
  // The driver would look for `localhost` in the certificate.
  if (config.tls === 'verify-full' && isIP(config.host) !== 0)
    throw new SegtagError('E_CONNECTION_CONFIG', {
      where: place,
      what: `The certificate cannot be checked against the address ${config.host}.`,
      remedy: 'Give the server’s name as `host`, or use tls: verify-ca.',
    });
  return {
    rejectUnauthorized: config.tls !== 'require',
    verifyIdentity: config.tls === 'verify-full',
    ...(config.ca === undefined ? {} : { ca: pem('ca', config.ca, place) }),
    ...(config.cert === undefined ? {} : { cert: pem('cert', config.cert, place) }),
    ...(config.key === undefined ? {} : { key: pem('key', config.key, place) }),
  };
}

function pem(setting: 'ca' | 'cert' | 'key', path: string, place: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SegtagError('E_CONNECTION_CONFIG', {
      where: place,
      what: `The file ${path} cannot be read.`,
      remedy: `Correct \`${setting}\` of the connection.`,
      cause,
    });
  }
}
