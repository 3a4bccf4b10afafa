import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import type { MysqlConnection } from '../../../src/job/connections-schema.ts';
import { openWarehouse } from '../../../src/warehouse/open.ts';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';
import { hasOpenssl, makeAuthority, makeCertificate } from '../../support/certificates.ts';
import { itWithMysql as it, mysqlUrl } from '../../support/engines.ts';
import { blackHole, fallingSilent } from '../../support/faulty-proxy.ts';
import { startMariadb } from '../../support/servers/mariadb.ts';
import type { TestServer } from '../../support/servers/postgres.ts';
import { mysqlConnection } from '../engines.ts';
import { mysqlSpelling } from './spelling.ts';
import { failureOf, readSql, valuesOf } from '../reading.ts';
import { digitSeries } from '../vertica-client.ts';
import { soonMs } from '../../support/patience.ts';

const open = (settings: Partial<MysqlConnection> = {}): Promise<Warehouse> =>
  openWarehouse(mysqlConnection(settings), { job: 'opportunities', runId: 'opportunities-20260630T020000Z-abcd' });

async function withSession<T>(
  settings: Partial<MysqlConnection>,
  work: (warehouse: Warehouse) => Promise<T>,
): Promise<T> {
  const warehouse = await open(settings);
  try {
    return await work(warehouse);
  } finally {
    await warehouse.close();
  }
}

/** Runs SQL on the server as its owner, beside the session under test. */
async function asOwner(...statements: readonly string[]): Promise<unknown[][]> {
  const client = await createConnection({ uri: mysqlUrl().href, rowsAsArray: true });
  try {
    let rows: unknown = [];
    for (const sql of statements) [rows] = await client.query(sql);
    return rows as unknown[][];
  } finally {
    await client.end();
  }
}

const digits = (count: number): string => mysqlSpelling(digitSeries(count));
const slow = `SELECT COUNT(*) AS n FROM ${digits(100_000)}, (SELECT i AS j FROM ${digits(100_000)}) AS b WHERE i <> j`;
const endless = `SELECT i FROM ${digits(1_000_000_000)}`;
const ours = "FROM information_schema.processlist WHERE command IN ('Execute', 'Query') AND info LIKE '%AS d0%'";
const running = `SELECT COUNT(*) ${ours} AND info NOT LIKE '%processlist%'`;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function killOurs(): Promise<void> {
  const [row] = await asOwner(`SELECT id ${ours} AND info NOT LIKE '%processlist%'`);
  await asOwner(`KILL ${String(row?.[0])}`);
}

describe('a MySQL session', () => {
  it('sees one state of the source in all its reads', async () => {
    await asOwner('CREATE OR REPLACE TABLE reader_snapshot AS SELECT 1 AS x');
    await withSession({}, async (warehouse) => {
      const count = async (): Promise<unknown[]> =>
        valuesOf(await readSql(warehouse, 'SELECT COUNT(*) AS n FROM reader_snapshot'), 'n');
      await asOwner('INSERT INTO reader_snapshot VALUES (2)');
      expect(await count()).toEqual([1]);
      await asOwner('INSERT INTO reader_snapshot VALUES (3)');
      expect(await count()).toEqual([1]);
    });
    await asOwner('DROP TABLE reader_snapshot');
  });

  it.each(['DROP TABLE IF EXISTS reader_kept', "INSERT INTO reader_kept VALUES ('x')", 'COMMIT', 'SET @x = 1'])(
    'runs no %s',
    async (sql) => {
      await asOwner('CREATE OR REPLACE TABLE reader_kept (x VARCHAR(9))');
      await withSession({}, async (warehouse) => {
        expect((await failureOf(readSql(warehouse, sql))).code).toBe('E_SQL_REJECTED');
      });
      expect(await asOwner('SELECT COUNT(*) FROM reader_kept')).toEqual([[0]]);
    },
  );

  it('reads the same whatever the server has set', async () => {
    const before = await asOwner('SELECT @@GLOBAL.sql_mode, @@GLOBAL.time_zone');
    await asOwner("SET GLOBAL sql_mode = 'ANSI_QUOTES', GLOBAL time_zone = '-05:00'");
    onTestFinished(
      async () =>
        void (await asOwner(`SET GLOBAL sql_mode = '${before[0]?.[0]}', GLOBAL time_zone = '${before[0]?.[1]}'`)),
    );
    await withSession({}, async (warehouse) => {
      const frame = await readSql(
        warehouse,
        `SELECT 'a' || "b" AS text, CAST(FROM_UNIXTIME(0) AS DATETIME) AS moment, NOW() = UTC_TIMESTAMP() AS same`,
      );
      expect(['text', 'moment', 'same'].map((name) => valuesOf(frame, name)[0])).toEqual([
        'ab',
        '1970-01-01 00:00:00',
        1,
      ]);
    });
  });

  it('leaves nothing running on the server after a time-out, an abort or an unreadable value', async () => {
    for (const sql of [slow, endless]) {
      await withSession({}, async (warehouse) => {
        expect((await failureOf(readSql(warehouse, sql, { timeoutMs: 300 }))).code).toBe('E_WAREHOUSE_TIMEOUT');
      });
      await withSession({}, async (warehouse) => {
        await expect(readSql(warehouse, sql, { signal: AbortSignal.timeout(300) })).rejects.toThrow('aborted');
      });
      expect(await asOwner(running)).toEqual([[0]]);
    }
    await withSession({}, async (warehouse) => {
      const sql = `SELECT IF(i = 1000, 9007199254740993, i) AS x FROM (${endless}) AS t`;
      expect((await failureOf(readSql(warehouse, sql))).code).toBe('E_COLUMN_VALUE');
      expect(await asOwner(running)).toEqual([[0]]);
    });
  });

  it('binds whole numbers as such, so that LIMIT takes them', async () => {
    await withSession({}, async (warehouse) => {
      const frame = await readSql(warehouse, `SELECT i FROM ${digits(10)} ORDER BY i LIMIT ?`, { bindings: [2] });
      expect(valuesOf(frame, 'i')).toEqual([0, 1]);
    });
  });
});

function read(column: string, options: Parameters<typeof readSql>[2] = {}): ReturnType<typeof readSql> {
  return withSession({}, (warehouse) => readSql(warehouse, `SELECT ${column} AS x FROM reader_kinds`, options));
}

describe('types of MySQL alone', () => {
  const table = `CREATE OR REPLACE TABLE reader_kinds (flag TINYINT(1), bits BIT(8), bit1 BIT(1), doc JSON, raw BLOB,
    fixed BINARY(3), place POINT, span TIME, moment TIMESTAMP(3) NULL, years YEAR, one ENUM('x', 'y'), many SET('a', 'b'),
    big BIGINT UNSIGNED, single FLOAT, zero DATE, zerotime DATETIME, half DATE, fine DATETIME(6), latin VARCHAR(9) CHARSET latin1)`;
  const row = `INSERT INTO reader_kinds VALUES (1, 5, 1, '{}', 'x', 'abc', POINT(1, 2), '01:00:00', NOW(), 2024, 'x', 'a,b',
    18446744073709551615, 0.1, '0000-00-00', '0000-00-00', '2024-00-00', '2024-03-10 02:30:00.500000', 'é')`;

  beforeAll(async () => void (await asOwner(table, "SET sql_mode = ''", row)));
  afterAll(async () => void (await asOwner('DROP TABLE reader_kinds')));

  it.each([
    ['flag', 1],
    ['years', 2024],
    ['one', 'x'],
    ['many', 'a,b'],
    ['single', Math.fround(0.1)],
    ['latin', 'é'],
    ['bits + 0', 5],
    ["JSON_VALUE('{\"a\": 7}', '$.a')", '7'],
    ['HEX(fixed)', '616263'],
    ["CONVERT_TZ(moment, '+00:00', '+01:00') > fine", 1],
    ['IF(DAYOFMONTH(zero) > 0 AND MONTH(zero) > 0, zero, NULL)', null],
  ])('reads %s', async (column, expected) => {
    expect(valuesOf(await read(column), 'x')).toEqual([expected]);
  });

  it.each(['flag', 'bit1', '1 = 1'])('reads %s as a boolean where the contract says so', async (column) => {
    expect(valuesOf(await read(column, { columns: { x: 'boolean' } }), 'x')).toEqual([true]);
  });

  it('refuses a boolean that is neither 0 nor 1', async () => {
    const error = await failureOf(read('flag + 1', { columns: { x: 'boolean' } }));
    expect([error.code, error.remedy]).toEqual(['E_COLUMN_VALUE', expect.stringContaining('<> 0')]);
  });

  it('spells ids of every type exactly and as short as possible', async () => {
    for (const [column, expected] of [
      ['big', '18446744073709551615'],
      ['fine', '2024-03-10 02:30:00.5'],
      ['flag', '1'],
    ] as const)
      expect(valuesOf(await read(column, { idColumn: 'x' }), 'x')).toEqual([expected]);
  });

  it.each(['zero', 'zerotime', 'half'])('refuses %s, a date that is none, and says what to write', async (column) => {
    for (const options of [{}, { idColumn: 'x' }]) {
      const error = await failureOf(read(column, options));
      expect([error.code, error.message]).toEqual(['E_COLUMN_VALUE', expect.stringContaining('0000-00-00')]);
    }
  });

  it.each([
    ['bits', 'bit', '+ 0'],
    ['doc', 'json', 'JSON_VALUE'],
    ['raw', 'blob', 'HEX'],
    ['fixed', 'char of bytes', 'HEX'],
    ['place', 'geometry', 'Cast it'],
    ['span', 'time', 'Cast it'],
    ['moment', 'timestamp', 'CONVERT_TZ'],
  ])('refuses %s and says what to write', async (column, type, remedy) => {
    const error = await failureOf(read(column));
    expect([error.code, error.message, error.remedy]).toEqual([
      'E_COLUMN_VALUE',
      expect.stringContaining(`Column "x" is of type ${type}, which cannot be read`),
      expect.stringContaining(remedy),
    ]);
  });
});

describe('a MySQL session that fails', () => {
  it.each([
    ['an impossible date', "CAST('2024-02-31 Jane' AS DATE)"],
    ['a number that is none', "'Jane 4711' + 1"],
    ['a decimal that does not fit', "CAST('4711' AS DECIMAL(3, 1))"],
    ['a text cut by GROUP_CONCAT', "(SELECT GROUP_CONCAT(CONCAT('Jane', i)) FROM t)"],
  ])('refuses %s, which MySQL would change in silence', async (_name, expression) => {
    await withSession({}, async (warehouse) => {
      const sql = `WITH t AS (SELECT i FROM ${digits(1_000_000)}) SELECT ${expression} AS x`;
      const error = await failureOf(readSql(warehouse, sql));
      expect([error.code, error.where]).toEqual(['E_SQL_REJECTED', 'sql/test/customers.sql']);
      expect(inspect(error, { depth: 9 })).not.toMatch(/Jane|4711/);
    });
  });

  it.each([
    ['SELECT 1 AS a,\n  2 AS b,\n\n  FROM t', '4:3'],
    [`SELECT 'é',\n  nope(1) AS x,\n  '${'long '.repeat(30)}' AS y FROM FROM t`, '3:166'],
    ['SELECT x\nFROM (SELECT 1 AS x) AS t\nJOIN no_such_table AS u USING (x)', '3:6'],
    ['SELECT x\nFROM (SELECT 1 AS x) AS t WHERE no_such_function(x) = 1', '2:33'],
    ['SELECT (1 + 2', '1:14'],
  ])('places what is wrong with %j', async (sql, place) => {
    await withSession({}, async (warehouse) => {
      const error = await failureOf(readSql(warehouse, sql));
      expect([error.code, error.where]).toEqual(['E_SQL_REJECTED', `sql/test/customers.sql:${place}`]);
    });
  });

  it.each([
    ['a slow query', slow],
    ['a result that keeps coming', endless],
  ])('reports the connection as lost when it is killed in the middle of %s', async (_name, sql) => {
    await withSession({}, async (warehouse) => {
      const reading = failureOf(readSql(warehouse, sql));
      await pause(300);
      await killOurs();
      const error = await reading;
      expect([error.code, error.where]).toEqual(['E_WAREHOUSE_LOST', expect.stringMatching(/^warehouse \(mysql 127/)]);
    });
  });

  it('reports the connection as lost when it was killed between two reads', async () => {
    await withSession({}, async (warehouse) => {
      const frame = await readSql(warehouse, 'SELECT CONNECTION_ID() AS id');
      await asOwner(`KILL ${String(valuesOf(frame, 'id')[0])}`);
      await pause(100);
      expect((await failureOf(readSql(warehouse, 'SELECT 1 AS x'))).code).toBe('E_WAREHOUSE_LOST');
    });
  });

  it('reports a server that goes silent in the middle of the rows as lost, soon after the limit', async () => {
    const { host, port } = mysqlConnection().config;
    const proxy = await fallingSilent({ host, port });
    onTestFinished(() => proxy.close());
    const warehouse = await open({ host: '127.0.0.1', port: proxy.port, connect_timeout_seconds: 4 });
    const started = performance.now();
    const reading = failureOf(readSql(warehouse, endless, { timeoutMs: 1000 }));
    await pause(200);
    proxy.fallSilent();
    expect((await reading).code).toBe('E_WAREHOUSE_LOST');
    await warehouse.close();
    expect(performance.now() - started).toBeLessThan(soonMs);
  });

  it('names the missing grant', async () => {
    await asOwner(
      "CREATE OR REPLACE USER reader_poor IDENTIFIED BY 'poor'",
      'CREATE OR REPLACE TABLE reader_open AS SELECT 1 AS x',
      'CREATE OR REPLACE TABLE reader_secret AS SELECT 1 AS x',
      'GRANT SELECT ON reader_open TO reader_poor',
    );
    await withSession({ user: 'reader_poor', password: 'poor' }, async (warehouse) => {
      expect(valuesOf(await readSql(warehouse, 'SELECT x FROM reader_open'), 'x')).toEqual([1]);
      const error = await failureOf(readSql(warehouse, 'SELECT x FROM reader_secret'));
      expect([error.code, error.remedy]).toEqual(['E_GRANT_MISSING', expect.stringContaining('SELECT')]);
      expect(error.message).toContain('reader_secret');
    });
    await asOwner('DROP USER reader_poor', 'DROP TABLE reader_open, reader_secret');
  });

  it.each([{ user: 'nobody_knows' }, { database: 'nowhere' }])('refuses the login with %j', async (settings) => {
    const error = await failureOf(open({ password: 'hunter2', ...settings }));
    expect(error.code).toBe('E_LOGIN_REFUSED');
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });

  it('says that nobody listens, and that a server keeps silent', async () => {
    const hole = await blackHole();
    const started = performance.now();
    const silent = await failureOf(open({ host: '127.0.0.1', port: hole.port, connect_timeout_seconds: 0.5 }));
    expect(silent.code).toBe('E_WAREHOUSE_UNREACHABLE');
    expect(performance.now() - started).toBeLessThan(soonMs);
    await hole.close();
    const refused = await failureOf(open({ host: '127.0.0.1', port: hole.port }));
    expect([refused.code, refused.message]).toEqual([
      'E_WAREHOUSE_UNREACHABLE',
      expect.stringContaining('ECONNREFUSED'),
    ]);
    expect((await failureOf(open({ host: 'no-such-host.invalid' }))).code).toBe('E_WAREHOUSE_UNREACHABLE');
  });
});

describe.skipIf(!hasOpenssl)('an encrypted MySQL connection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'segtag-mysql-tls-'));
  const pem = (name: string): string => join(folder, `${name}.pem`);
  let server: TestServer | undefined;

  beforeAll(async () => {
    makeAuthority(folder, 'ca');
    makeAuthority(folder, 'stranger');
    makeCertificate(folder, 'server', 'DNS:localhost');
    makeCertificate(folder, 'client', 'DNS:client');
    const files = [`--ssl-ca=${pem('ca')}`, `--ssl-cert=${pem('server')}`, `--ssl-key=${join(folder, 'server.key')}`];
    server = await startMariadb(...files);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  const answer = (settings: Partial<MysqlConnection>): Promise<unknown[]> => {
    const { port } = new URL(server!.url);
    return withSession(
      { host: 'localhost', port: Number(port), user: 'segtag', password: 'segtag', database: 'segtag', ...settings },
      async (warehouse) =>
        valuesOf(
          await readSql(
            warehouse,
            "SELECT variable_value <> '' AS x FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'",
          ),
          'x',
        ),
    );
  };

  it('is made with require, whatever the certificate', async () => {
    expect(await answer({ tls: 'require' })).toEqual([1]);
    expect(await answer({ tls: 'disable' })).toEqual([0]);
  });

  it('is made with verify-ca by any name, when the authority is known', async () => {
    expect(await answer({ tls: 'verify-ca', host: '127.0.0.1', ca: pem('ca') })).toEqual([1]);
    expect((await failureOf(answer({ tls: 'verify-ca', ca: pem('stranger') }))).code).toBe('E_CONNECTION_CONFIG');
  });

  it('is made with verify-full only when the name is that of the certificate', async () => {
    expect(await answer({ tls: 'verify-full', ca: pem('ca') })).toEqual([1]);
    for (const settings of [{ host: '127.0.0.1', ca: pem('ca') }, {}])
      expect((await failureOf(answer({ tls: 'verify-full', ...settings }))).code).toBe('E_CONNECTION_CONFIG');
  });

  it('shows the certificate of the client to a server that asks', async () => {
    const client = { cert: pem('client'), key: join(folder, 'client.key') };
    const owner = await createConnection({ uri: server!.url });
    await owner.query("CREATE USER careful IDENTIFIED BY 'careful' REQUIRE X509");
    await owner.query('GRANT SELECT ON segtag.* TO careful');
    await owner.end();
    const careful = { user: 'careful', password: 'careful', tls: 'verify-ca', ca: pem('ca') } as const;
    expect(await answer({ ...careful, ...client })).toEqual([1]);
    expect((await failureOf(answer(careful))).code).toBe('E_LOGIN_REFUSED');
  });

  it('is refused where the server has none, and where a file of it is missing', async () => {
    expect((await failureOf(open({ tls: 'require' }))).code).toBe('E_CONNECTION_CONFIG');
    const missing = await failureOf(open({ tls: 'verify-ca', ca: '/nowhere/ca.pem' }));
    expect([missing.code, missing.message]).toEqual([
      'E_CONNECTION_CONFIG',
      expect.stringContaining('/nowhere/ca.pem'),
    ]);
  });
});
