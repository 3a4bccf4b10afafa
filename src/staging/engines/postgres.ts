import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Knex } from 'knex';
import { Query, types, type Client, type QueryConfig } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { PostgresConnection, ResolvedConnection } from '../../job/connections-schema.ts';
import {
  classifyNetwork,
  errorCodeOf,
  withConnection,
  type Engine,
  type Failure,
  type Patience,
  type Row,
} from './engine.ts';
import { columnsOf, type Value } from './rows.ts';
import { tabSeparated } from './tab-separated.ts';
import { tlsOptions } from './tls.ts';

type Answer = { readonly rows: Row[]; readonly rowCount: number | null };

/** PostgreSQL through pg, with COPY for bulk. */
export function postgresEngine(
  { name, config }: ResolvedConnection<PostgresConnection>,
  { lockWaitMs, silenceMs }: Patience,
): Engine {
  return {
    dialect: 'postgres',
    place: `postgres ${config.user}@${config.host}:${config.port}/${config.database}`,
    settings: {
      client: 'pg',
      connection: connectionSettings(config, `connection "${name}"`),
      ...(config.search_path ? { searchPath: config.search_path } : {}),
      pool: {
        min: 0,
        max: 4,
        afterCreate: (connection: Client, done: (error: Error | null, connection: Client) => void) => {
          const settings = `set time zone 'UTC'; set lock_timeout = ${lockWaitMs}; ${limits(silenceMs)}`;
          connection.query(settings, (error: Error | null) => done(error, connection));
        },
      },
    },
    forUpdate: ' for update',
    nowMs: 'cast(extract(epoch from clock_timestamp()) * 1000 as bigint)',
    insertIfAbsent: (table, columns, values) =>
      `insert into ${table} (${columns}) values (${values}) on conflict do nothing`,
    columnTypes: async () => ({
      text: (_column, length) => `varchar(${length}) collate "C"`,
      longText: 'text',
      json: 'json',
      checksJson: true,
      date: () => 'date',
      timestamp: 'timestamptz(3)',
      bigint: 'bigint',
    }),
    tableOptions: () => {},
    joinStatements: (setClause, candidateId) => ({
      update: `update ?? as t set ${setClause} from segtag_candidate as c
        where c.run_id = ? and t.job = ? and t.customer_id = ${candidateId} and t.change_seq = c.expected_change_seq`,
      remove: `delete from ?? as t using segtag_candidate as c
        where c.run_id = ? and c.kind = 'leave' and t.job = ? and t.customer_id = ${candidateId}
        and t.change_seq = c.expected_change_seq`,
    }),
    // ANALYZE takes the owner's rights. Without statistics the planner thinks that a run has few candidates,
    // and compares each of them with every row.
    beforeJoins: planWith({ on: [...readingMore, 'hashjoin', 'mergejoin'], off: ['nestloop'] }),
    // Without statistics it would read all rows of the job, or walk over them for each candidate.
    beforeLookups: planWith({ on: ['nestloop'], off: [...readingMore, 'hashjoin', 'mergejoin'] }),
    writesAlone: false,
    underMigrationLock: (knex, work) =>
      knex.transaction(async (trx) => {
        await trx.raw(`select pg_advisory_xact_lock(hashtext('segtag_migration'))`);
        return work(trx);
      }),
    async run(db, sql, values) {
      const { rows, rowCount } = (await db.raw(sql, values as Knex.RawBinding[])) as Answer;
      return { rows, affected: rowCount ?? 0 };
    },
    stream: (db, sql, values, onRow) => withConnection<Client, void>(db, (c) => streamRows(c, sql, values, onRow)),
    bulkInsert: (trx, load) =>
      withConnection<Client, void>(trx, (connection) =>
        pipeline(
          Readable.from(tabSeparated(load.parts)),
          connection.query(copyFrom(`copy ${load.table} (${columnsOf(load).join(', ')}) from stdin`)),
        ),
      ),
    async lengthLimits(db, table) {
      const { rows } = await this.run(
        db,
        `select attname as name, atttypmod - 4 as most from pg_attribute
         where attrelid = to_regclass(quote_ident(?)) and atttypmod > 4 and attnum > 0
         and atttypid in ('varchar'::regtype, 'bpchar'::regtype)`,
        [table],
      );
      return new Map(rows.map(({ name: column, most }) => [String(column), Number(most)]));
    },
    async keyComparison(db, table) {
      const { rows } = await this.run(
        db,
        `select t.typname as type, format_type(t.oid, null) as cast_type, quote_ident(n.nspname) || '.' || quote_ident(c.collname) as name,
           coalesce((to_jsonb(c)->>'collisdeterministic')::boolean, true) as compares_bytes
         from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_collation c on c.oid = a.attcollation
           left join pg_namespace n on n.oid = c.collnamespace
         where a.attrelid = to_regclass(quote_ident(?)) and a.attname = 'customer_id'`,
        [table],
      );
      const [key] = rows;
      if (key?.type === 'bpchar' || key?.type === 'citext') return (id) => `${id}::${String(key.cast_type)}`;
      return key?.compares_bytes === false ? (id) => `${id}::text collate ${String(key.name)}` : undefined;
    },
    bytewise: async () => ({ ours: asBytes, theirs: asBytes }),
    differs: (left, right) => `${left} is distinct from ${right}`,
    async rowHash(db, { id, texts, others }) {
      const { rows } = await this.run(db, `select to_regprocedure('${recordHash}(record, bigint)') as found`, []);
      if (rows[0]?.found === null) return undefined;
      const values = [...texts.map(asHashed), ...others];
      // The hash of a record adds up those of its values; only as the seed of another do they mix.
      return `hashtextextended(${asHashed(id)}, ${recordHash}(row(${values.join(', ')}), 0))`;
    },
    jsonText: (expression) => `${expression}::text`,
    timestamp: (iso) => iso,
    classify,
    socketOf: (connection) => (connection as { connection: { stream: Socket } }).connection.stream,
  };
}

/** There since PostgreSQL 14. */
const recordHash = 'pg_catalog.hash_record_extended';

/** Text of any type and collation, hashed by its bytes. */
function asHashed(expression: string): string {
  return asBytes(`(${expression})::text`);
}

/** The planner's methods that read more of a table than a key at a time. */
const readingMore = ['material', 'seqscan', 'bitmapscan'] as const;

/** Turns methods of the planner on and off until the transaction ends. */
function planWith({ on, off }: { readonly on: readonly string[]; readonly off: readonly string[] }): string {
  const settings = [...on.map((method) => [method, 'on']), ...off.map((method) => [method, 'off'])];
  return `select ${settings.map(([method, value]) => `set_config('enable_${method}', '${value}', true)`).join(', ')}`;
}

/** Lets the server notice a client that is gone, which would keep its locks; and sort and hash 600,000 rows in memory, where the usual 4 MB would not. */
function limits(silenceMs: number): string {
  const keepAlive = { idle: 30, interval: 10, count: 6 };
  return [
    `set statement_timeout = ${silenceMs}`,
    `set idle_in_transaction_session_timeout = ${silenceMs}`,
    "set work_mem = '64MB'",
    ...Object.entries(keepAlive).map(([setting, value]) => `set tcp_keepalives_${setting} = ${value}`),
  ].join('; ');
}

function connectionSettings(config: PostgresConnection, where: string): Knex.PgConnectionConfig {
  const tls = tlsOptions(config, where);
  const { host, port, user, database, password } = config;
  return {
    host,
    port,
    user,
    database,
    ...(password === undefined ? {} : { password }),
    ...(tls ? { ssl: config.tls === 'verify-full' ? tls : { ...tls, checkServerIdentity: () => undefined } } : {}),
    connectionTimeoutMillis: config.connect_timeout_seconds * 1000,
    keepAlive: true,
    application_name: 'segtag',
    types: { getTypeParser: typeParser },
  } as Knex.PgConnectionConfig;
}

/** Own parsers, so that no other module's changes to the driver's shared ones reach the staging tables. */
function typeParser(oid: number): (text: string) => unknown {
  const { BOOL, INT2, INT4, INT8 } = types.builtins;
  if (oid === INT2 || oid === INT4 || oid === INT8) return Number;
  if (oid === BOOL) return (text) => text === 't';
  return (text) => text;
}

/** An expression of text, compared byte by byte. */
function asBytes(expression: string): string {
  return `${expression} collate "C"`;
}

type RowQuery = {
  on(event: 'row', listener: (row: readonly unknown[]) => void): void;
  on(event: 'end', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
};

function streamRows(
  connection: Client,
  sql: string,
  values: readonly Value[],
  onRow: (row: readonly unknown[]) => void,
): Promise<void> {
  let position = 0;
  const text = sql.replaceAll('?', () => `$${++position}`);
  return new Promise((resolve, reject) => {
    const query = new Query({ text, values: [...values], rowMode: 'array' } as QueryConfig);
    const rows = query as unknown as RowQuery;
    rows.on('row', onRow);
    rows.on('end', resolve);
    rows.on('error', reject);
    connection.query(query);
  });
}

const meanings: readonly (readonly [RegExp, Failure['code']])[] = [
  [/^(28|3D000)/, 'E_LOGIN_REFUSED'],
  [/^(53300|57P03|08001|08004)$/, 'E_CRM_UNREACHABLE'],
  [/^(08|57P|25P0[34]|40001|40P01|55P03|57014|53|58030)/, 'E_CRM_LOST'],
  [/^42501$/, 'E_GRANT_MISSING'],
  [/^25006$/, 'E_STAGING_READ_ONLY'],
  [/^(42P01|42703|3F000)$/, 'E_NOT_MIGRATED'],
  [/^(22|23|P0001)/, 'E_CRM_REFUSED_ROWS'],
];

function classify(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const sqlState = errorCodeOf(error);
  if (/^[0-9A-Z]{5}$/.test(sqlState)) {
    const code = meanings.find(([pattern]) => pattern.test(sqlState))?.[1];
    const column = 'column' in error && typeof error.column === 'string' ? { column: error.column } : {};
    if (code) return { code, ...column };
  }
  if (/timeout expired|Connection terminated due to connection timeout/.test(error.message))
    return { code: 'E_CRM_UNREACHABLE' };
  if (/Connection terminated|not queryable|connection error|Client was closed/i.test(error.message))
    return { code: 'E_CRM_LOST' };
  if (/does not support SSL|certificate|self-signed/i.test(error.message)) return { code: 'E_CRM_UNREACHABLE' };
  return classifyNetwork(error);
}
