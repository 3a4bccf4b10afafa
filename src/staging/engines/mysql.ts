import { isIP, type Socket } from 'node:net';
import type { Knex } from 'knex';
import type { Connection } from 'mysql2';
import { SegtagError } from '../../errors.ts';
import type { MysqlConnection, ResolvedConnection } from '../../job/connections-schema.ts';
import { classifyNetwork, withConnection, type Engine, type Failure, type Patience, type Row } from './engine.ts';
import { batches, columnsOf, placeholders, rowsOf } from './rows.ts';
import { loadData } from './load-data.ts';
import { tlsOptions } from './tls.ts';

const rowsPerInsert = 500;
const migrationLock = 'segtag_migration';

/** MySQL 8 and MariaDB through mysql2. */
export function mysqlEngine(
  { name, config }: ResolvedConnection<MysqlConnection>,
  { lockWaitMs, silenceMs }: Patience,
): Engine {
  let mayLoad = true;
  const collation = (db: Knex): Promise<string> => noPadCollation(db, place);
  const place = `mysql ${config.user}@${config.host}:${config.port}/${config.database}`;
  const lockWaitSeconds = Math.max(1, Math.ceil(lockWaitMs / 1000));
  return {
    dialect: 'mysql',
    place,
    settings: {
      client: 'mysql2',
      connection: connectionSettings(config, `connection "${name}"`),
      pool: {
        min: 0,
        max: 4,
        afterCreate: (connection: Connection, done: (error: Error | null, connection: Connection) => void) => {
          connection.query('set session transaction isolation level read committed', (refused) => {
            if (refused) return done(refused, connection);
            connection.query(sessionStatement(lockWaitSeconds, silenceMs), (error) => done(error, connection));
          });
        },
      },
    },
    forUpdate: ' for update',
    nowMs: 'cast(unix_timestamp(sysdate(3)) * 1000 as signed)',
    insertIfAbsent: (table, columns, values) => `insert ignore into ${table} (${columns}) values (${values})`,
    async columnTypes(db) {
      const text = `character set utf8mb4 collate ${await collation(db)}`;
      return {
        text: (_column, length) => `varchar(${length}) ${text}`,
        longText: `longtext ${text}`,
        json: `longtext ${text}`,
        checksJson: false,
        date: () => 'date',
        timestamp: 'datetime(3)',
        bigint: 'bigint',
      };
    },
    tableOptions: (table) => {
      table.engine('InnoDB');
      table.charset('utf8mb4');
    },
    joinStatements: (setClause, candidateId) => ({
      update: `update ?? as t join segtag_candidate as c
        on t.customer_id = ${candidateId} and t.change_seq = c.expected_change_seq
        set ${setClause} where c.run_id = ? and t.job = ?`,
      remove: `delete t from ?? as t join segtag_candidate as c
        on t.customer_id = ${candidateId} and t.change_seq = c.expected_change_seq
        where c.run_id = ? and c.kind = 'leave' and t.job = ?`,
    }),
    beforeJoins: undefined,
    beforeLookups: undefined,
    writesAlone: false,
    underMigrationLock: (knex, work) => underNamedLock(knex, lockWaitSeconds, work),
    async run(db, sql, values) {
      const [answer] = (await db.raw(sql, values as Knex.RawBinding[])) as [Row[] | { affectedRows: number }];
      return Array.isArray(answer) ? { rows: answer, affected: 0 } : { rows: [], affected: answer.affectedRows };
    },
    stream: (db, sql, values, onRow) =>
      withConnection<Connection, void>(
        db,
        (connection) =>
          new Promise((resolve, reject) => {
            const query = connection.query({ sql, values: [...values], rowsAsArray: true });
            query.on('result', (row) => onRow(row as unknown as readonly unknown[]));
            query.on('end', resolve);
            query.on('error', reject);
            // A query without a callback learns of a broken connection from the connection alone.
            connection.once('error', reject);
            query.on('end', () => connection.off('error', reject));
          }),
      ),
    bulkInsert: (trx, load) =>
      withConnection<Connection, void>(trx, async (connection) => {
        if (mayLoad && (await loadData(connection, load))) return;
        mayLoad = false;
        const columns = columnsOf(load);
        const head = `insert into ${load.table} (${columns.join(', ')}) values `;
        for (const batch of batches(rowsOf(load.parts), rowsPerInsert)) {
          const sql = head + placeholders(columns.length, batch.length);
          await new Promise<void>((resolve, reject) => {
            connection.query(sql, batch.flat(), (error) => (error ? reject(error) : resolve()));
          });
        }
      }),
    async lengthLimits(db, table) {
      const { rows } = await this.run(
        db,
        `select column_name as name, character_maximum_length as most from information_schema.columns
         where table_schema = database() and table_name = ? and data_type in ('varchar', 'char')`,
        [table],
      );
      return new Map(rows.map(({ name: column, most }) => [String(column), Number(most)]));
    },
    async keyComparison(db, table) {
      const { rows } = await this.run(
        db,
        `select character_set_name as charset, collation_name as name from information_schema.columns
         where table_schema = database() and table_name = ? and column_name = 'customer_id'`,
        [table],
      );
      const [key] = rows;
      if (!key?.name || comparesBytes.test(String(key.name))) return undefined;
      return (id) => `convert(${id} using ${String(key.charset)}) collate ${String(key.name)}`;
    },
    async bytewise(db) {
      const name = await collation(db);
      return {
        ours: (expression) => `${expression} collate ${name}`,
        theirs: (expression) => `convert(${expression} using utf8mb4) collate ${name}`,
      };
    },
    differs: (left, right) => `not (${left} <=> ${right})`,
    async rowHash(db, { id, texts, others }) {
      const values = [id, ...texts, ...others];
      // Told the length of each, nobody takes a null for '', or a comma inside a value for one between two.
      const lengths = values.map((value) => `ifnull(length(${value}), -1)`);
      const text = `concat_ws(',' collate ${await collation(db)}, ${[...lengths, ...values].join(', ')})`;
      return `cast(conv(left(sha2(${text}, 256), 16), 16, 10) as unsigned)`;
    },
    jsonText: (expression) => `cast(${expression} as char character set utf8mb4)`,
    timestamp: (iso) => iso.replace('T', ' ').replace('Z', ''),
    classify,
    socketOf: (connection) => (connection as { stream: Socket }).stream,
  };
}

function connectionSettings(config: MysqlConnection, where: string): Knex.MySql2ConnectionConfig {
  // The driver would look for `localhost` in the certificate.
  if (config.tls === 'verify-full' && isIP(config.host) !== 0)
    throw new SegtagError('E_CONNECTION_CONFIG', {
      where,
      what: `The certificate cannot be checked against the address ${config.host}.`,
      remedy: 'Give the server’s name as `host`, or use tls: verify-ca.',
    });
  const tls = tlsOptions(config, where);
  const ssl = tls && { ...tls, verifyIdentity: config.tls === 'verify-full' };
  const { host, port, user, database, password } = config;
  return {
    host,
    port,
    user,
    database,
    ...(password === undefined ? {} : { password }),
    ...(ssl ? { ssl } : {}),
    connectTimeout: config.connect_timeout_seconds * 1000,
    enableKeepAlive: true,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
  } as Knex.MySql2ConnectionConfig;
}

/** The server notices a client that is gone, which would keep its locks, and MariaDB a statement that doesn't end. */
function sessionStatement(lockWaitSeconds: number, silenceMs: number): string {
  const silenceSeconds = Math.max(1, Math.ceil(silenceMs / 1000));
  const mode = [
    'STRICT_ALL_TABLES',
    'ONLY_FULL_GROUP_BY',
    'NO_ZERO_DATE',
    'NO_ZERO_IN_DATE',
    'ERROR_FOR_DIVISION_BY_ZERO',
    'NO_ENGINE_SUBSTITUTION',
  ].join();
  return `set session sql_mode = '${mode}', time_zone = '+00:00',
    innodb_lock_wait_timeout = ${lockWaitSeconds}, lock_wait_timeout = ${lockWaitSeconds},
    wait_timeout = ${silenceSeconds} /*M!100101 , max_statement_time = ${silenceSeconds} */`;
}

const comparesBytes = /(?:_nopad|_0900)_bin$|^binary$/;

/** Collations that compare code points and don't ignore trailing blanks: of MariaDB, then of MySQL. */
const noPadCollations = ['utf8mb4_nopad_bin', 'utf8mb4_0900_bin'];

async function noPadCollation(db: Knex, place: string): Promise<string> {
  const [rows] = (await db.raw(
    `select collation_name as name from information_schema.collations where collation_name in (?, ?)`,
    noPadCollations,
  )) as [Row[]];
  const [found] = rows;
  if (found) return String(found.name);
  throw new SegtagError('E_CONNECTION_CONFIG', {
    where: place,
    what: `The server has neither collation ${noPadCollations.join(' nor ')}, so ids that differ by a trailing blank would be the same.`,
    remedy: 'Use MariaDB 10.2 or newer, or MySQL 8.0.17 or newer.',
  });
}

/** DDL commits on MySQL, so a named lock on a connection of its own keeps other processes out. */
async function underNamedLock<T>(knex: Knex, lockWaitSeconds: number, work: (db: Knex) => Promise<T>): Promise<T> {
  return withConnection<Connection, T>(knex, async (connection) => {
    const ask = (sql: string): Promise<Row[]> =>
      new Promise((resolve, reject) => {
        connection.query(sql, (error, rows) => (error ? reject(error) : resolve(rows as Row[])));
      });
    const [lock] = await ask(`select get_lock('${migrationLock}', ${lockWaitSeconds}) as granted`);
    if (lock?.granted !== 1) throw new MigrationLockTimeout();
    try {
      return await work(knex);
    } finally {
      await ask(`select release_lock('${migrationLock}')`);
    }
  });
}

class MigrationLockTimeout extends Error {
  readonly errno = 1205;
}

const meanings: readonly (readonly [Failure['code'], readonly number[]])[] = [
  ['E_LOGIN_REFUSED', [1044, 1045, 1049, 1698, 1862]],
  ['E_CRM_UNREACHABLE', [1040, 1129, 1130, 1203]],
  ['E_CRM_LOST', [1053, 1077, 1205, 1213, 1317, 1927, 1969, 2006, 2013, 3024, 1021, 1114]],
  ['E_GRANT_MISSING', [1142, 1143, 1227, 1370]],
  ['E_STAGING_READ_ONLY', [1290, 1792, 1836]],
  ['E_NOT_MIGRATED', [1146, 1054]],
  ['E_CRM_REFUSED_ROWS', [1048, 1062, 1264, 1265, 1292, 1364, 1366, 1406, 1451, 1452, 1586, 1644, 3140, 3819, 4025]],
];

function classify(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const number = 'errno' in error ? Number(error.errno) : 0;
  const code = meanings.find(([, numbers]) => numbers.includes(number))?.[0];
  if (code) {
    const column = /column '?`?(\w+)'?`?(?: at|$| cannot)/i.exec(error.message)?.[1];
    return { code, ...(code === 'E_CRM_REFUSED_ROWS' && column ? { column } : {}) };
  }
  if (/SSL|certificate|secure connection/i.test(error.message)) return { code: 'E_CRM_UNREACHABLE' };
  const network = classifyNetwork(error);
  if (network) return 'syscall' in error && error.syscall === 'connect' ? { code: 'E_CRM_UNREACHABLE' } : network;
  const unusable = ('fatal' in error && error.fatal === true) || /closed state|Connection lost/i.test(error.message);
  return unusable ? { code: 'E_CRM_LOST' } : undefined;
}
